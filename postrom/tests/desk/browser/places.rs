//! Where things are on the desk's pages. Goes out: selectors, so that a page that is built otherwise is told of once.

/// The lock screen.
pub const PASSPHRASE: &str = "#passphrase";
pub const UNLOCK: &str = "form.unlock button";
pub const WRONG: &str = "#problems";
pub const WAIT: &str = "#wait";

/// Around every page.
pub const LOCK: &str = "form.lock button";
pub const CLOCK: &str = "#left";
pub const SAY: &str = "#say";

/// The list.
pub const CHIPS: &str = "#chips a";
pub const ROWS: &str = "#letters tbody tr";
pub const LINKS: &str = "#letters tbody a";
pub const FIRST: &str = "#letters tbody tr:first-child a";
pub const WORDS: &str = "#words";
pub const SEARCH: &str = "form.search button.small";
pub const FOUND: &str = "#notes .found";
pub const MORE: &str = "details.more summary";
pub const CHOOSE: &str = "details.more [type=file]";
pub const TAKE_IN: &str = "details.more button";

/// A letter.
pub const VERDICT: &str = ".stays .verdict";
pub const CONTACT: &str = ".stays .contact";
pub const REFERENCE: &str = ".read h1";
pub const SAID: &str = ".answers .said";
pub const STATE: &str = ".acts .state b";
pub const TAKE: &str = "[data-key=t]";
pub const REGISTER: &str = "[data-key=r]";
pub const SAVE: &str = "[data-key=s]";
pub const SET_ASIDE: &str = ".acts a[href*='/set-aside']";
pub const UNDO: &str = ".acts [formaction*='/undo']";
pub const DELETE: &str = ".acts a[href*='/delete']";
pub const NEXT: &str = "[data-key=n]";
pub const PREVIOUS: &str = "[data-key=p]";
pub const BACK: &str = "[data-key=Escape]";
pub const PRINT: &str = "a.print";
pub const COPY: &str = "button.copy";

/// A page that asks once more.
pub const CASE: &str = "#case";
pub const YES: &str = ".buttons button";
/// A page that says what stands in the way.
pub const PROBLEMS: &str = ".problems";
