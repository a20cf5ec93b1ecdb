//! The language of the pages.

use axum::extract::State;
use axum::response::Response;

use super::Shared;
use super::answer::see;
use super::form::Fields;
use crate::i18n::Lang;

/// Another language for all pages, and back to the one that it was chosen on.
pub(super) async fn choose(State(desk): Shared, fields: Fields) -> Response {
    let lang = match fields.get("lang") {
        "nb" => Lang::Nb,
        "nn" => Lang::Nn,
        _ => Lang::En,
    };
    desk.room.speak(lang);
    let back = fields.get("back");
    see(&format!("./{}", if is_ours(back) { back } else { "" }))
}

/// A page of this desk: an address of anywhere else has a colon, two slashes or two dots.
fn is_ours(place: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-?=".contains(c);
    place.chars().all(plain) && !place.starts_with('/') && !place.contains("//")
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn nobody_is_led_away() {
        for place in ["", "letter/3?sort=to-do", "copies", "?sort=new"] {
            assert!(is_ours(place), "{place}");
        }
        for place in ["//x.example", "/x", "https:x", "../x", "a//b", "letter/3\r\nX: y"] {
            assert!(!is_ours(place), "{place}");
        }
    }
}
