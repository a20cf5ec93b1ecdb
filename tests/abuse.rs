//! Abuse without surveillance: limits that know no address, signals that throw nothing away.

use std::fs;
use std::time::Duration;

use crate::support::{Answer, Authority, Form, Options, World};

fn limited(authority: &Authority) {
    authority.edit(
        "konvolutt.toml",
        "address = \"127.0.0.1:0\"\n",
        "address = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.7.7.77\"]\n[limits]\npages_per_prefix = 2\n",
    );
}

fn from(form: Form, address: &str) -> Answer {
    form.header("X-Forwarded-For", address).send()
}

#[test]
fn who_sends_too_often_is_told_and_keeps_what_was_typed() {
    let world = World::with(Options {
        change: limited,
        ..Options::default()
    });
    let marker = world.marker.text.clone();
    let twice = world.marked_form();
    for (last, form) in [(1, twice.clone()), (2, world.marked_form())] {
        let answer = from(form, &format!("203.0.113.{last}"));
        assert!(answer.location().contains("/kvittering/"));
        assert!(answer.header("retry-after").is_none());
    }
    for last in [3, 4, 5] {
        let answer = from(world.marked_form(), &format!("203.0.113.{last}"));
        assert_eq!(answer.status, 303);
        assert_eq!(answer.header("retry-after"), Some("600"));
        let again = world.get(answer.location());
        assert_eq!(again.status, 429);
        assert!(again.body.contains("uvanleg mange meldingar") && again.body.contains(&marker));
        for phone in ["112", "116 006", "75 55 58 90"] {
            assert!(again.body.contains(phone), "{phone}");
        }
    }
    // Whoever clicked twice has the letter there, and is not told otherwise.
    assert!(from(twice, "203.0.113.1").location().contains("/kvittering/"));
    // Others are not in the way of it, and whoever only reads is never limited.
    assert!(
        from(world.marked_form(), "203.0.114.5")
            .location()
            .contains("/kvittering/")
    );
    assert_eq!(world.get("/nn/s/skriv").status, 200);
    world.sink.wait_for(3);
    world.until("the deliveries", || world.files_in("spool/delivered").len() == 3);
    assert_eq!(world.sink.count(), 3);
    assert!(!world.log().contains("203.0.11"), "an address in the log");
}

/// The letter, and whether it bears the remark.
fn marked_automatic(world: &World, form: &Form) -> bool {
    let before = world.sink.count();
    assert!(form.send().location().contains("/kvittering/"), "never thrown away");
    let mail = world.sink.wait_for(before + 1).pop().unwrap().mail;
    let folder = world.open(&mail);
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    let json = fs::read_to_string(folder.join("letter.json")).unwrap();
    let sentence = "kan vere sendt av eit program";
    assert_eq!(text.contains(sentence), json.contains(sentence));
    text.contains(sentence)
}

#[test]
fn what_may_be_automatic_is_marked_and_delivered() {
    let world = World::new();
    let page = world.get("/nn/s/skriv").body;
    let trap = page
        .split("<p hidden>")
        .nth(1)
        .and_then(|rest| rest.split("</p>").next())
        .unwrap();
    // Nobody who listens to the page, tabs through it, or lets a browser fill it in comes there.
    for wanted in ["name=\"_utfylling\"", "tabindex=\"-1\"", "autocomplete=\"off\""] {
        assert!(trap.contains(wanted), "{trap}");
    }
    let slow = world.form();
    let trapped = world.form().text("_utfylling", "kjøp");
    assert!(marked_automatic(&world, &world.form().text("melding", "straks")));
    std::thread::sleep(Duration::from_millis(4_100));
    assert!(!marked_automatic(
        &world,
        &slow.text("melding", "roleg").text("_utfylling", "")
    ));
    assert!(marked_automatic(&world, &trapped.text("melding", "alt utfylt")));

    // A page that came back to be corrected may be sent at once.
    let problem = world.form().text("telefon", "ring").send();
    let again = world.get(problem.location()).body;
    let token = again.split("name=\"_token\" value=\"").nth(1).unwrap();
    let corrected = Form::new(world.address, "/nn/s/skriv").text("_token", &token[..32]);
    assert!(!marked_automatic(&world, &corrected.text("melding", "retta")));
}
