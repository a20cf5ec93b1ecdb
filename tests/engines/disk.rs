//! What stays on the device, in browsers with a profile as people have one. A page without our care shows each time that
//! this browser has written down by now what it keeps.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::forms::{FORMS, Form};
use super::side_by_side;
use crate::support::citizen::{EXIT, SEND, lead_out_to, write_files};
use crate::support::{Browser, Engine, Marker, Scripts, Site, Wishes, World, pages, traces};

/// How long what was typed is left alone before it is looked for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Each form in each engine, side by side: most of it is waiting.
#[test]
#[ignore = "needs chromium, firefox and gnome web"]
fn no_engine_keeps_anything_of_a_form() {
    look_at_all(Scripts::On);
}

#[test]
#[ignore = "needs chromium, firefox and gnome web"]
fn no_engine_keeps_anything_of_a_form_without_scripts() {
    look_at_all(Scripts::Off);
}

fn look_at_all(scripts: Scripts) {
    let forms = |engine| FORMS.iter().map(move |form| (engine, form));
    let turns: Vec<_> = Engine::KEEPING
        .into_iter()
        .map(|engine| (engine, Mutex::new(())))
        .collect();
    side_by_side(Engine::KEEPING.into_iter().flat_map(forms), |(engine, form)| {
        let (_, turn) = turns.iter().find(|(one, _)| *one == engine).unwrap();
        let turn = Turn::take(turn);
        let mut world = pages::world();
        let away = Site::secure("Vêret");
        lead_out_to(&mut world, &away);
        Visit::start(&world, engine, scripts, form).in_every_way(turn);
        eprintln!("{engine:?}, {}: nothing is kept", form.slug);
    });
}

/// Of one kind of browser, one works at a time; all of them wait together.
struct Turn<'a> {
    of: &'a Mutex<()>,
    held: Option<MutexGuard<'a, ()>>,
}

impl<'a> Turn<'a> {
    fn take(of: &'a Mutex<()>) -> Self {
        // One that failed must not take the others with it.
        let held = of.lock().unwrap_or_else(PoisonError::into_inner);
        Self { of, held: Some(held) }
    }

    fn wait_until(&mut self, time: Instant) {
        self.held = None;
        std::thread::sleep(time.saturating_duration_since(Instant::now()));
        *self = Self::take(self.of);
    }
}

struct Visit<'a> {
    world: &'a World,
    form: &'a Form,
    scripts: Scripts,
    home: PathBuf,
    browser: Browser,
    /// What is written into boxes of text.
    text: &'a Marker,
    /// What is written into those of numbers.
    number: Marker,
}

impl<'a> Visit<'a> {
    fn start(world: &'a World, engine: Engine, scripts: Scripts, form: &'a Form) -> Self {
        let home = tempfile::tempdir_in(world.root()).unwrap().keep();
        Self {
            world,
            form,
            scripts,
            browser: engine.start(&home, Wishes::with(scripts)),
            home,
            text: &world.marker,
            number: Marker::number(),
        }
    }

    fn in_every_way(mut self, mut turn: Turn<'_>) {
        self.leave_it_open(&mut turn);

        self.form.open(&self.browser, self.world.address);
        self.send();
        self.control();
        self.nothing_after("sending");

        self.form.open(&self.browser, self.world.address);
        self.write_into_all();
        self.browser.click(EXIT);
        let ours = format!("http://{}/", self.world.address);
        let left = || !self.browser.address().starts_with(&ours);
        self.world.until("the page outside", left);
        self.control();
        self.nothing_after("leaving");

        // GNOME Web has no way to be asked.
        if self.browser.engine != Engine::GnomeWeb {
            self.browser.quit();
            self.nothing_after("closing");
        }
    }

    /// Typed and not sent, with the form open to the end: nobody has left it when the battery dies.
    fn leave_it_open(&mut self, turn: &mut Turn<'_>) {
        // Where there is but one window the control comes first.
        let before = (self.browser.engine == Engine::GnomeWeb).then(|| self.control());
        self.form.open(&self.browser, self.world.address);
        self.write_into_all();
        let typed = Instant::now();
        let kept = before.unwrap_or_else(|| self.control());
        turn.wait_until(typed + PATIENCE);
        self.nothing_after("typing without sending");
        self.browser.kill();
        self.nothing_after("a dead battery");
        self.come_back(&kept);
        self.nothing_after("coming back");
    }

    /// Whether that is an answer or not: nothing of this is sent.
    fn write_into_all(&self) {
        let boxes = self.browser.run(
            "const boxes = document.querySelectorAll('#the-form input, #the-form textarea'); \
             const can = ['text', 'email', 'tel', 'textarea']; \
             return [...boxes].filter(box => can.includes(box.type) && box.checkVisibility()) \
                .map(box => [box.id, box.inputMode === 'numeric' || box.type === 'tel'])",
        );
        let boxes = boxes.as_array().unwrap();
        let written = |name: &str| boxes.iter().any(|one| one[0] == name);
        let all = [self.form.message, "telefon", "epost"].into_iter();
        for name in all.chain(self.form.must.iter().chain(self.form.texts).copied()) {
            assert!(written(name), "{name} is not there: {boxes:?}");
        }
        for one in boxes {
            let marker = if one[1] == true { &self.number } else { self.text };
            self.browser
                .type_into(&format!("#{}", one[0].as_str().unwrap()), &marker.text);
        }
    }

    /// With a mistake first, another language, and a file.
    fn send(&self) {
        let (browser, text) = (&self.browser, &self.text.text);
        let before = self.world.sink.mails().len();
        self.form.write(browser, text, &self.number.text);
        browser.click(SEND);
        let until = |what: &str, css: &str| self.world.until(what, || browser.is_there(css));
        until("the list of mistakes", "#problem-list");
        browser.click(".languages [lang=en]");
        until("the other language", "html[lang=en]");
        browser.type_into(&format!("#{}", self.form.message), text);
        let device = tempfile::tempdir().unwrap();
        let file = write_files(device.path(), &[(&format!("{text}.txt"), text.as_bytes())]);
        browser.type_into("#vedlegg", &file);
        browser.click(SEND);
        until("the receipt", ".reference");
        // The control of all that follows: this is what was written.
        let mails = self.world.sink.wait_for(before + 1);
        let letter = self.world.open(&mails[before].mail).join("letter.txt");
        let letter = std::fs::read_to_string(letter).unwrap();
        assert!(letter.contains(text) && letter.contains(&self.number.text), "{letter}");
    }

    /// Waits until this browser has written down what it keeps of a page that does not care, and gives that.
    fn control(&self) -> Marker {
        let (kept, browser) = (Marker::new(), &self.browser);
        // GNOME Web has but one window, and of what was not sent it keeps nothing, whatever the page.
        let sends = browser.engine == Engine::GnomeWeb;
        let careless = Site::start("Avisa");
        let ours = (!sends).then(|| browser.in_a_new_window());
        browser.go(&careless.url);
        // Twice: what was written before the first of them is surely written down with the second.
        let mut last = kept.clone();
        for field in ["#text", "#line"] {
            browser.type_into(field, &last.text);
            if sends {
                browser.follow("button");
            }
            self.is_written_down(&last);
            last = Marker::new();
            if sends {
                browser.go(&careless.url);
            }
        }
        if let Some(ours) = ours {
            browser.to_window(&ours);
        }
        kept
    }

    fn is_written_down(&self, kept: &Marker) {
        let end = Instant::now() + Duration::from_secs(120);
        while traces(&self.home, kept).is_empty() {
            let engine = self.browser.engine;
            assert!(Instant::now() < end, "{engine:?} keeps nothing of a careless page");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn nothing_after(&self, what: &str) {
        for marker in [self.text, &self.number] {
            let found = traces(&self.home, marker);
            assert!(
                found.is_empty(),
                "{:?} {} after {what}: {found:#?}",
                self.browser.engine,
                self.form.slug
            );
        }
    }

    /// What was open comes back, the form among it, but nothing that was written there. The text of the careless page does
    /// come back, where that is open too.
    fn come_back(&mut self, kept: &Marker) {
        let engine = self.browser.engine;
        self.browser = engine.start(&self.home, Wishes::with(self.scripts));
        let (browser, form) = (&self.browser, format!("/s/{}", self.form.slug));
        let (form_is_there, text_is_there) = (Cell::new(false), Cell::new(engine == Engine::GnomeWeb));
        self.world.until("what was open", || {
            browser.in_each_window(|| {
                let address = browser.address();
                form_is_there.set(form_is_there.get() || address.ends_with(&form));
                text_is_there.set(text_is_there.get() || browser.shows(&kept.text));
                let shown = browser.shows(&self.text.text) || browser.shows(&self.number.text);
                assert!(!shown, "{engine:?} {address} brought back what was written");
            });
            form_is_there.get() && text_is_there.get()
        });
    }
}
