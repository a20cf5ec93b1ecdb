//! What a citizen does with a browser.

use std::fs;
use std::path::{Path, PathBuf};

use konvolutt_letter::Reference;

use super::{Browser, FORMS, Scripts, Site, World, until};

pub const SEND: &str = ".send button";
pub const EXIT: &str = "nav.exit a";

/// A browser at the form, and the form's address. All that it writes is below the world's root, so the world
/// searches that for the marker at the end of every test.
pub fn at_form(world: &World, scripts: Scripts) -> (Browser, String) {
    let home = tempfile::tempdir_in(world.root()).unwrap().keep();
    let browser = Browser::start(&home, scripts);
    let form = format!("http://{}/nn/s/skriv", world.address);
    browser.go(&form);
    assert!(browser.is_there("#melding"), "{}", browser.source());
    (browser, form)
}

/// Sends what lacks something, and waits for the list of mistakes, which comes with a new page or without one.
pub fn send_wrongly(world: &World, browser: &Browser) {
    let before = browser.address();
    browser.click(SEND);
    let listed = || browser.is_there("#problem-list") && browser.has_focus("#problem-list");
    world.until("the list of mistakes", || listed() || browser.address() != before);
    world.until("the focus on it", listed);
}

/// The reference on the receipt that the browser shows.
pub fn reference(browser: &Browser) -> String {
    let address = browser.address();
    assert!(address.contains("/kvittering/"), "{address}\n{}", browser.source());
    // The address is there before the page is.
    until("the reference", || browser.is_there(".reference"));
    let text = browser.text(".reference");
    let reference = text.split_whitespace().find_map(Reference::parse);
    let reference = reference.expect("a reference on the page").to_string();
    assert!(
        !address.contains(&reference),
        "what stays in the history holds nothing readable"
    );
    reference
}

/// Files to choose, outside of what the world searches: their owner has them on the device anyway.
pub fn write_files(dir: &Path, files: &[(&str, &[u8])]) -> String {
    let write = |(name, content): &(&str, &[u8])| {
        let path = dir.join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    files.iter().map(write).collect::<Vec<_>>().join("\n")
}

/// The folder of the one letter that came.
pub fn opened(world: &World) -> PathBuf {
    let mails = world.sink.wait_for(1);
    assert_eq!(mails.len(), 1);
    world.open(&mails[0].mail)
}

pub fn letter(world: &World) -> String {
    fs::read_to_string(opened(world).join("letter.txt")).unwrap()
}

/// Makes the exit of each form lead to another page.
pub fn lead_out_to(world: &mut World, site: &Site) {
    world.terminate();
    for form in FORMS {
        let file = format!("forms/{form}.toml");
        world.authority.edit(&file, "https://www.yr.no/", &site.url);
    }
    world.start();
}
