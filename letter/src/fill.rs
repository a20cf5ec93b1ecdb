//! Values in texts.

/// Puts values into the `{name}` places of a text.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    // One pass over the text, so that a value holding braces is never taken for a place.
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(len) = rest[start..].find('}') else {
            break;
        };
        out.push_str(&rest[..start]);
        let name = &rest[start + 1..start + len];
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[start..=start + len]),
        }
        rest = &rest[start + len + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_taken_for_a_place() {
        let text = fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]);
        assert_eq!(text, "{b} and x");
        assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
    }
}
