//! A page as it is read: its words in their order, with a mark before what is more than text.

/// One line for each block of the page. What changes from run to run is left out.
pub fn outline(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut lines = vec![format!("title: {}", between(html, "<title>", "</title>"))];
    let mut line = String::new();
    let mut skipped: Option<&str> = None;
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        match skipped {
            Some(end) if name == end => skipped = None,
            Some(_) => continue,
            None => {}
        }
        if let Some((_, end)) = [("svg", "/svg"), ("pre", "/pre"), ("code", "/code")]
            .iter()
            .find(|(from, _)| *from == name)
        {
            skipped = Some(end);
            line += if name == "svg" { "" } else { " …" };
            continue;
        }
        if is_block(name.trim_start_matches('/')) {
            push(&mut lines, &mut line);
        }
        line += &mark(name, tag);
        line += &unescaped(text);
    }
    push(&mut lines, &mut line);
    lines.join("\n") + "\n"
}

fn push(lines: &mut Vec<String>, line: &mut String) {
    let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if !words.is_empty() {
        lines.push(words);
    }
    line.clear();
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "div"
            | "dt"
            | "dd"
            | "h1"
            | "h2"
            | "h3"
            | "label"
            | "legend"
            | "section"
            | "nav"
            | "main"
            | "footer"
            | "ul"
            | "ol"
            | "br"
            | "option"
            | "summary"
            | "details"
            | "form"
            | "fieldset"
            | "header"
            | "button"
            | "input"
            | "textarea"
            | "select"
    )
}

fn mark(name: &str, tag: &str) -> String {
    let attribute = |key: &str| unescaped(between(tag, &format!(" {key}=\""), "\""));
    match name {
        "h1" => "# ".into(),
        "h2" => "## ".into(),
        "h3" => "### ".into(),
        "li" => "- ".into(),
        "option" => "· ".into(),
        "summary" => "▸ ".into(),
        "button" => "[button] ".into(),
        "a" => format!(" [{}] ", same_each_time(&attribute("href"))),
        "input" if tag.contains("type=\"hidden\"") => String::new(),
        "input" => {
            let chosen = if tag.contains(" checked") { " x" } else { "" };
            format!("({}{chosen}) {}", attribute("type"), attribute("value"))
        }
        "span" | "/span" => " ".into(),
        "textarea" => "(text) ".into(),
        "select" => "(list)".into(),
        _ => String::new(),
    }
}

/// An address without what is another one each time: the key to what is shown once, and a sealed part.
fn same_each_time(address: &str) -> String {
    let address = address.split("?k=").next().unwrap_or_default();
    let parts = address.split('/').map(|part| if part.len() > 100 { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split(to).next().unwrap_or_default()
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        text = text.replace(from, to);
    }
    text
}
