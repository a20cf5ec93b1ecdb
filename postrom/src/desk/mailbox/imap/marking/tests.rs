//! Two clerks who want one letter, at a server that lets every mark through.

use std::io;
use std::sync::{Arc, Barrier, Mutex};

use super::*;

/// The marks of the one mail, and how often they changed.
type Mail = Arc<Mutex<(BTreeSet<String>, u64)>>;

/// At this count of changes it says of the marks what nobody can understand.
const ODD: u64 = u64::MAX;

/// At this one the mail is gone.
const GONE: u64 = u64::MAX - 1;

/// Keeps marks, counts changes, and never refuses one: `UNCHANGEDSINCE` is passed over.
struct Server {
    mail: Mail,
    says: Vec<u8>,
}

impl Server {
    fn talk(mail: &Mail) -> Talk<Self> {
        let server = Self {
            mail: Arc::clone(mail),
            says: b"* OK at your service\r\n".to_vec(),
        };
        Talk::begin(server, Arc::default())
            .map_err(|why| format!("{why:?}"))
            .unwrap()
    }

    fn answer(&mut self, command: &str) {
        let tag = command.split(' ').next().unwrap();
        let mut mail = self.mail.lock().unwrap();
        if mail.1 == GONE {
            // RFC 3501, 6.4.8: that is no error.
        } else if command.contains(" UID FETCH ") {
            let flags: Vec<&str> = mail.0.iter().map(String::as_str).collect();
            let end = if mail.1 == ODD { "" } else { ")" };
            let flags = flags.join(" ");
            let piece = format!("* 1 FETCH (UID 1 FLAGS ({flags}{end} MODSEQ ({}))\r\n", mail.1);
            self.says.extend(piece.bytes());
        } else if command.contains(" UID STORE ") {
            let keywords = command.rsplit_once('(').unwrap().1.trim_end_matches(')').split(' ');
            for keyword in keywords {
                if command.contains("+FLAGS") {
                    mail.0.insert(keyword.into());
                } else {
                    mail.0.remove(keyword);
                }
            }
            mail.1 += 1;
        }
        self.says.extend(format!("{tag} OK done\r\n").bytes());
    }
}

impl Read for Server {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let some = into.len().min(self.says.len());
        into[..some].copy_from_slice(&self.says[..some]);
        self.says.drain(..some);
        Ok(some)
    }
}

impl Write for Server {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whoever waits for a network waits here: others come in between.
        std::thread::yield_now();
        if let Some(command) = std::str::from_utf8(bytes).ok().filter(|text| text.starts_with('K')) {
            self.answer(command.trim_end());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const TAKEN: &str = "$taken";
const START: &str = "$has-";

/// Takes the letter; whether it was taken, or somebody else has it.
fn takes(mail: &Mail, who: &str, at_once: &Barrier) -> bool {
    let keyword = format!("{START}{who}");
    let mut talk = Server::talk(mail);
    let mut may = false;
    at_once.wait();
    let is_there = mark(&mut talk, 1, &mut |flags| {
        may = !flags.iter().any(|flag| flag == TAKEN);
        let claim = Claim {
            keyword: keyword.clone(),
            start: START,
        };
        let others = flags.iter().filter(|flag| flag.starts_with(START) && **flag != keyword);
        may.then(|| Change {
            add: vec![TAKEN.into(), keyword.clone()],
            remove: others.cloned().collect(),
            claim: Some(claim),
        })
    });
    assert_eq!(is_there, Ok(true));
    may
}

#[test]
fn of_two_at_the_same_moment_one_takes_a_letter() {
    for round in 0..60 {
        let mail = Mail::default();
        let at_once = Barrier::new(2);
        let took = std::thread::scope(|scope| {
            let (mail, at_once) = (&mail, &at_once);
            let clerks = ["kari", "ola"].map(|who| scope.spawn(move || (who, takes(mail, who, at_once))));
            clerks.map(|clerk| clerk.join().unwrap())
        });
        let took: Vec<&str> = took.iter().filter(|(_, took)| *took).map(|(who, _)| *who).collect();
        let [one] = took[..] else { panic!("{round}: {took:?}") };
        let marks = mail.lock().unwrap().0.clone();
        assert_eq!(
            marks,
            BTreeSet::from([TAKEN.into(), format!("{START}{one}")]),
            "{round}"
        );
    }
}

#[test]
fn whoever_began_and_went_away_does_not_keep_a_letter() {
    let mail = Mail::default();
    mail.lock().unwrap().0.insert(format!("{START}kari"));
    let begun = Instant::now();
    assert!(takes(&mail, "ola", &Barrier::new(1)));
    assert!(begun.elapsed() >= ABANDONED);
    let marks = mail.lock().unwrap().0.clone();
    assert_eq!(marks, BTreeSet::from([TAKEN.into(), format!("{START}ola")]));
    // Their own is no obstacle.
    mail.lock().unwrap().0 = BTreeSet::from([format!("{START}kari")]);
    let begun = Instant::now();
    assert!(takes(&mail, "kari", &Barrier::new(1)));
    assert!(begun.elapsed() < ABANDONED);
}

#[test]
fn marks_that_cannot_be_understood_are_no_mail_that_is_gone() {
    let mail = Mail::default();
    mail.lock().unwrap().1 = ODD;
    let mut asked = false;
    let done = mark(&mut Server::talk(&mail), 1, &mut |_| {
        asked = true;
        None
    });
    assert_eq!(done, Err(unwilling(String::new())));
    assert!(!asked);
}

/// It was moved by a colleague's desk between the look and the mark.
#[test]
fn a_mail_that_is_gone_is_not_called_marked() {
    let mail = Mail::default();
    let done = mark(&mut Server::talk(&mail), 1, &mut |_| {
        mail.lock().unwrap().1 = GONE;
        Some(Change {
            add: vec![TAKEN.into()],
            ..Change::default()
        })
    });
    assert_eq!(done, Ok(false));
    assert!(mail.lock().unwrap().0.is_empty());
}
