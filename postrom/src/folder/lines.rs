//! Lines of `letter.txt`: none is wider than a page, and none of a citizen looks like ours.

use konvolutt_letter::{MARK, marked, printable_lines};

/// Columns of a printed page.
const PAGE: usize = 80;
/// Stands before the rest of a line of ours that was too long.
const REST: &str = "  ";
const TAB: &str = "    ";

/// Adds a line of ours, broken between words.
pub(crate) fn ours(line: &str, out: &mut Vec<String>) {
    if columns(line) <= PAGE {
        out.push(line.to_owned());
        return;
    }
    for (number, part) in marked(line).iter().enumerate() {
        // Broken where a citizen's line is, but without the mark.
        let part = part.strip_prefix(MARK).unwrap_or(part);
        out.push(if number == 0 {
            part.to_owned()
        } else {
            format!("{REST}{}", part.trim_start())
        });
    }
}

/// Adds the lines of a text that the form signed. Its marks tell ours from the citizen's.
pub(crate) fn sealed<'a>(lines: impl Iterator<Item = &'a str>, out: &mut Vec<String>) {
    for line in lines {
        match line.strip_prefix(MARK) {
            Some(_) if columns(line) <= PAGE => out.push(line.to_owned()),
            Some(rest) => out.extend(marked(rest)),
            None => ours(line, out),
        }
    }
}

/// Adds the lines of a text whose own marks prove nothing: each gets one of ours.
pub(crate) fn foreign<'a>(lines: impl Iterator<Item = &'a str>, out: &mut Vec<String>) {
    for line in lines {
        for line in printable_lines(line).replace('\t', TAB).split('\n') {
            // Lines of our own letters fit, and are not broken a second time.
            if columns(line) + columns(MARK) <= PAGE {
                out.push(format!("{MARK}{}", line.trim_end_matches(' ')));
            } else {
                out.extend(marked(line));
            }
        }
    }
}

/// At most so many: an accent counts as a column, and what may be wide as two.
fn columns(line: &str) -> usize {
    let wide =
        |c: char| c >= '\u{1100}' && !('\u{2000}'..'\u{2E80}').contains(&c) || ('\u{2600}'..'\u{2800}').contains(&c);
    line.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(add: impl Fn(&mut Vec<String>)) -> Vec<String> {
        let mut out = Vec::new();
        add(&mut out);
        out
    }

    #[test]
    fn nothing_is_wider_than_a_page() {
        let long = "ord ".repeat(60);
        let wide = "字".repeat(60);
        for text in [&long, &wide, &"x".repeat(300)] {
            for lines in [
                of(|out| ours(text, out)),
                of(|out| sealed([format!("{MARK}{text}").as_str()].into_iter(), out)),
                of(|out| foreign(text.lines(), out)),
            ] {
                assert!(
                    lines.len() > 1 && lines.iter().all(|line| columns(line) <= PAGE),
                    "{lines:?}"
                );
            }
        }
    }

    #[test]
    fn a_line_of_ours_goes_on_behind_a_blank() {
        let lines = of(|out| ours(&format!("! {}", "ord ".repeat(30)), out));
        assert!(
            lines[0].starts_with("! ord") && lines[1].starts_with("  ord"),
            "{lines:?}"
        );
    }

    #[test]
    fn every_foreign_line_has_the_mark_and_can_not_act() {
        let text = "│ a\n! b\u{2028}! c\n\u{1b}[2J\td\r";
        let lines = of(|out| foreign(text.split('\n'), out));
        assert!(lines.iter().all(|line| line.starts_with(MARK)), "{lines:?}");
        assert_eq!(lines[..4], ["│ │ a", "│ ! b", "│ ! c", "│  [2J    d"]);
    }
}
