//! XML as archives read it: elements in a fixed order, one on each line.
//!
//! What always holds: whatever a text holds, what comes out is well-formed XML 1.0 in UTF-8; nothing in a text becomes
//! markup.

/// Stands for what XML 1.0 has no way to write.
const REPLACED: char = '\u{FFFD}';

/// A document as it grows.
pub(super) struct Xml {
    out: String,
    depth: usize,
}

impl Xml {
    /// A document, and what is in its one element. Attributes are ours, never a text.
    pub(super) fn document(root: &'static str, attributes: &str, within: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(),
            depth: 0,
        };
        xml.line(&format!("<{root} {attributes}>"));
        xml.deeper(within);
        xml.line(&format!("</{root}>"));
        xml.out
    }

    /// An element with others in it.
    pub(super) fn within(&mut self, name: &'static str, within: impl FnOnce(&mut Self)) {
        self.line(&format!("<{name}>"));
        self.deeper(within);
        self.line(&format!("</{name}>"));
    }

    /// The element that schemas give a type of its own by an attribute.
    pub(super) fn typed(&mut self, name: &'static str, kind: &'static str, within: impl FnOnce(&mut Self)) {
        self.line(&format!("<{name} xsi:type=\"{kind}\">"));
        self.deeper(within);
        self.line(&format!("</{name}>"));
    }

    /// An element with a text in it.
    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        let mut line = format!("<{name}>");
        text.chars().for_each(|c| put(&mut line, c));
        self.line(&format!("{line}</{name}>"));
    }

    /// The same of a number.
    pub(super) fn number(&mut self, name: &'static str, number: impl ToString) {
        self.text(name, &number.to_string());
    }

    fn deeper(&mut self, within: impl FnOnce(&mut Self)) {
        self.depth += 1;
        within(self);
        self.depth -= 1;
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(&"  ".repeat(self.depth));
        self.out.push_str(line);
        self.out.push('\n');
    }
}

/// A character of a text (XML 1.0 §2.2, §2.4, §2.11).
fn put(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        // `]]>` may not stand in a text.
        '>' => out.push_str("&gt;"),
        // As itself it would be read as a line feed.
        '\r' => out.push_str("&#13;"),
        '\t' | '\n' => out.push(c),
        '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push(REPLACED),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_stays_a_text() {
        let hostile = "a]]>b & <c a=\"x\">\0\u{1}\u{FFFE}\r\n\t\u{85}😀";
        let xml = Xml::document("a", "x=\"y\"", |xml| xml.within("b", |xml| xml.text("c", hostile)));
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x=\"y\">\n  <b>\n    \
            <c>a]]&gt;b &amp; &lt;c a=\"x\"&gt;\u{FFFD}\u{FFFD}\u{FFFD}&#13;\n\t\u{85}😀</c>\n  </b>\n</a>\n";
        assert_eq!(xml, expected);
    }
}
