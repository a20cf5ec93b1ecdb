//! A receipt is a page that only the server can make: nobody shows one for a letter that never was, and what stays in a
//! browser's history is neither readable nor opens for long.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use konvolutt::submission::{OPENS_FOR, Receipt};
use konvolutt_letter::Reference;

use crate::support::{World, receipt_seal, sealed};

const TITLES: [(&str, &str, &str); 3] = [
    ("nb", "Vi har fått meldingen din", "Kvitteringen vises ikke lenger"),
    ("nn", "Vi har fått meldinga di", "Kvitteringa blir ikkje vist lenger"),
    ("en", "We have received your message", "The receipt is no longer shown"),
];

/// An address as the server would have made it, so long ago.
fn given(world: &World, ago: SignedDuration) -> String {
    let receipt = Receipt {
        reference: Reference::from_random(&[9; 16]),
        repeat: false,
        files: 2,
    };
    receipt_seal(&world.root().join("spool")).seal("skriv", &receipt, Timestamp::now() - ago)
}

#[test]
fn a_receipt_opens_and_its_address_says_nothing() {
    let world = World::new();
    let sent = world.marked_form().file("vedlegg", "to.txt", b"to").send();
    let reference = world.reference(&sent);
    let address = sent.location();
    assert!(!address.contains(&reference) && !address.contains("skriv"), "{address}");
    assert_eq!(sealed(address).len(), 75, "{address}");
    // Reloaded, and in the other languages.
    for (lang, heading, _) in [TITLES[1], TITLES[1], TITLES[0], TITLES[2]] {
        let page = world.get(&format!("/{lang}/kvittering/{}", sealed(address)));
        assert_eq!(page.status, 200);
        assert!(page.body.contains(heading) && page.body.contains(&reference), "{lang}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        // That of the form, and what empties the cache.
        assert!(page.body.contains("href=\"/ut/skriv\"") && page.body.contains("/kvittering.css"));
    }
    let page = world.get(address).body;
    assert!(page.contains("2 vedlegg følgde med."), "{page}");
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Europe/Oslo").unwrap());
    assert!(
        page.contains(&now.strftime("Kvittering gitt %d.%m.%Y ").to_string()),
        "{page}"
    );
}

#[test]
fn nobody_else_can_make_one() {
    let (world, other) = (World::new(), World::new());
    let sent = world.marked_form().send();
    let (reference, ours) = (world.reference(&sent), sealed(sent.location()).to_owned());
    let theirs = sealed(other.marked_form().send().location()).to_owned();
    let mut altered = URL_SAFE_NO_PAD.decode(&ours).unwrap();
    altered[30] ^= 1;
    let wrong = [
        reference.clone(),
        // As it was before addresses were sealed.
        format!("{reference}?s=skriv"),
        "222-2222-222?s=skriv".to_owned(),
        "A".repeat(75),
        URL_SAFE_NO_PAD.encode(altered),
        theirs.clone(),
        format!("{ours}A"),
        ours[1..].to_owned(),
        format!("{ours}/"),
    ];
    for sealed in wrong {
        let page = world.get(&format!("/nn/kvittering/{sealed}"));
        assert_eq!(page.status, 404, "{sealed}");
        assert!(!page.body.contains(TITLES[1].1) && !page.body.contains(&reference));
    }
    assert_eq!(world.get(&format!("/xx/kvittering/{ours}")).status, 404);
    // The controls: each of the two opens where it was made.
    assert_eq!(world.get(&format!("/nn/kvittering/{ours}")).status, 200);
    assert_eq!(other.get(&format!("/nn/kvittering/{theirs}")).status, 200);
}

#[test]
fn a_receipt_is_shown_for_a_quarter_of_an_hour() {
    let world = World::new();
    let near = SignedDuration::from_secs(20);
    for ago in [OPENS_FOR - near, -near] {
        let address = format!("/nn/kvittering/{}", given(&world, ago));
        assert_eq!(world.get(&address).status, 200, "{ago}");
    }
    // Too old; and from a time to come, as after a clock that was set back.
    for ago in [
        OPENS_FOR,
        OPENS_FOR * 1000,
        -SignedDuration::from_mins(2),
        -SignedDuration::from_hours(24),
    ] {
        for (lang, shown, over) in TITLES {
            let page = world.get(&format!("/{lang}/kvittering/{}", given(&world, ago)));
            assert_eq!(page.status, 410, "{lang} {ago}");
            assert!(page.body.contains(over) && !page.body.contains(shown), "{}", page.body);
            assert_eq!(page.header("cache-control"), Some("no-store"));
            // Neutral: neither the reference, nor the form, nor whom its people are told to phone.
            let reference = Reference::from_random(&[9; 16]).to_string();
            for told in [&reference, "skriv\"", "tel:", "vedlegg"] {
                assert!(!page.body.contains(told), "{told}: {}", page.body);
            }
        }
    }
}
