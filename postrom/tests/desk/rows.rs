//! Which row a sealed part is in, whatever order its news come in.

use postrom::Verdict;
use postrom::desk::post::{Content, Post};
use postrom::desk::reading::Reading;
use postrom::desk::worker::{Body, Given, Thing};
use postrom::ledger::{SEEN, Seen};
use postrom::status::Kind;
use postrom::trouble::Trouble;
use serde_json::json;

fn mail(name: &str) -> Given {
    Given {
        mailbox: 0,
        name: name.into(),
        named: false,
        body: Body::File(name.into()),
    }
}

fn sealed(seal: &str) -> Thing {
    Thing::Sealed {
        seal: seal.into(),
        source: seal.into(),
        reference: None,
        date: None,
    }
}

/// What is remembered of a genuine letter with this document.
fn seen(seal: &str, document: &str) -> Seen {
    Seen {
        schema: SEEN.into(),
        sealed_sha256: seal.into(),
        sha256: document.into(),
        reference: None,
        id: None,
        kind: Kind::Letter,
        test: false,
        verdict: Verdict::Genuine,
        received: None,
    }
}

fn reading(document: &str) -> Reading {
    let status = json!({"verdict": "genuine", "sentence": "", "reference": null, "id": null, "test": false,
        "readers": [], "header_mismatch": [], "remarks": [], "source": "x", "sha256": document});
    Reading {
        status: serde_json::from_value(status).unwrap(),
        record: None,
        text: String::new(),
        date: None,
    }
}

fn seals(seals: &[&str]) -> Vec<String> {
    seals.iter().map(|seal| (*seal).to_owned()).collect()
}

/// Each row: its document, and in how many places it lies.
fn rows(post: &Post) -> Vec<(Option<String>, usize)> {
    let rows = post
        .rows()
        .map(|row| (row.document().map(str::to_owned), row.places.len()));
    rows.collect()
}

fn one(document: &str, places: usize) -> (Option<String>, usize) {
    (Some(document.into()), places)
}

/// The ledger says that seal A is document 1, and that is not so: B, which is, has a row of its own, remembered or not.
#[test]
fn a_lie_about_the_first_hides_no_second() {
    for remembered in [None, Some(seen("b", "1"))] {
        let mut post = Post::default();
        post.found(&mail("m1"), sealed("a"), Some(seen("a", "1")));
        post.read(&mail("m1"), seals(&["a"]), reading("2"));
        post.found(&mail("m2"), sealed("b"), remembered);
        post.read(&mail("m2"), seals(&["b"]), reading("1"));
        assert_eq!(rows(&post), [one("2", 1), one("1", 1)]);
    }
}

/// Of a letter that came twice one mail ends the process that opens. The other one shows it.
#[test]
fn a_repeat_that_cannot_be_opened_hides_no_good_one() {
    let mut post = Post::default();
    post.found(&mail("m1"), sealed("a"), Some(seen("a", "1")));
    post.found(&mail("m2"), sealed("b"), Some(seen("b", "1")));
    assert_eq!(rows(&post), [one("1", 2)]);
    post.not_read(&mail("m1"), seals(&["a"]), "m1", Trouble::Ended);
    post.read(&mail("m2"), seals(&["b"]), reading("1"));
    assert_eq!(rows(&post), [(None, 1), one("1", 1)]);
}

/// A colleague handed a letter on in a mail that was sealed once more, and that mail lies there twice.
#[test]
fn a_letter_in_a_sealed_mail_stays_as_long_as_one_of_them() {
    let mut post = Post::default();
    for name in ["m1", "m2"] {
        post.found(&mail(name), sealed("around"), None);
        post.read(&mail(name), seals(&["around"]), reading("mail"));
        post.read(&mail(name), seals(&["around", "within"]), reading("letter"));
    }
    let before: Vec<_> = post.rows().map(|row| row.id).collect();
    assert_eq!(rows(&post), [one("mail", 2), one("letter", 2)]);
    post.only(&|given| given.name == "m2");
    assert_eq!(rows(&post), [one("mail", 1), one("letter", 1)]);
    assert_eq!(post.rows().map(|row| row.id).collect::<Vec<_>>(), before);
}

/// Of some parts nobody knows the seal: each mail is named by itself.
#[test]
fn what_has_no_seal_is_one_row_for_each_mail() {
    let mut post = Post::default();
    for name in ["m1", "m2"] {
        post.not_read(&mail(name), Vec::new(), name, Trouble::Ended);
    }
    assert_eq!(rows(&post), [(None, 1), (None, 1)]);
    assert!(post.rows().all(|row| matches!(row.content, Content::NotLookedAt(_))));
}
