//! What is worth telling: what stands, held against what was told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Settings;
use crate::alarms::{Alarm, Posted};
use crate::unix_time::{minute_text, seconds};

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// It stands, and no notification was sent yet; or it closes the service, was over, and came back before its end was told.
    Raised,
    /// It says something else now: it became worse, or is about more.
    Changed,
    /// It still stands, a day later.
    Standing,
    /// It is over.
    Cleared,
    /// An operator tries whether this arrives.
    Test,
}

/// The content of one notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Name and version of this format.
    pub schema: String,
    /// Name of the authority.
    pub service: String,
    /// What happened.
    pub event: Event,
    /// Kind of the alarm; `test` for a test.
    pub alarm: String,
    /// A mailbox, a letter's name in the spool, or empty.
    pub about: String,
    /// `critical` while no letter is taken, else `warning`.
    pub severity: String,
    /// One sentence.
    pub text: String,
    /// Since when it stands, to the minute.
    pub since: String,
    /// Alarms told together here: more than one when many of a kind come at once.
    pub count: usize,
}

const SCHEMA: &str = "konvolutt.alarm/1";

/// More of one kind at once are told as one: five thousand held letters are one message.
const APART: usize = 3;

impl Notice {
    /// A notice that means nothing, to see that it arrives.
    pub fn test(service: &str, now: std::time::SystemTime) -> Self {
        Self {
            schema: SCHEMA.into(),
            service: service.to_owned(),
            event: Event::Test,
            alarm: "test".into(),
            about: String::new(),
            severity: "warning".into(),
            text: "This is a test: alarms of this service arrive here.".into(),
            since: minute_text(now),
            count: 1,
        }
    }
}

/// One thing to tell, and what is known to be told by it.
pub(super) struct Change {
    pub(super) notice: Notice,
    keys: Vec<String>,
}

/// What was sent about one alarm.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Mark {
    text: String,
    /// When, seconds since 1970.
    at: u64,
    since: u64,
    /// Since when it is no longer there; its end is not told yet.
    gone: Option<u64>,
    /// Nothing was sent yet: it has not stood for as long as it must, for this contact.
    #[serde(default)]
    waits: bool,
    /// It was over since, and came back before that was told.
    #[serde(default)]
    back: bool,
    /// So often that was told.
    #[serde(default)]
    returns: u32,
}

/// Everything that was told and is not over, by the name of the alarm's file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Told(BTreeMap<String, Mark>);

/// What stands, by the names under which it was told.
#[derive(Default)]
pub(super) struct Board(BTreeMap<String, Posted>);

impl Board {
    /// Whether it stands.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Made once a round: a name is a text of its own, and thousands of alarms are looked up among thousands.
    pub(super) fn of(posted: impl IntoIterator<Item = Posted>) -> Self {
        Self(posted.into_iter().map(|posted| (posted.key(), posted)).collect())
    }

    /// What this holds for, and the rest.
    pub(super) fn part(self, is_first: impl Fn(&str, &Posted) -> bool) -> (Self, Self) {
        let (first, rest) = self.0.into_iter().partition(|(key, posted)| is_first(key, posted));
        (Self(first), Self(rest))
    }
}

impl Told {
    /// Notes what is no longer there, or is there again, or is to be told later. True when that is new.
    pub(super) fn look(&mut self, board: &Board, now: u64, settings: &Settings) -> bool {
        let mut changed = false;
        for (key, mark) in &mut self.0 {
            let there = board.0.contains_key(key);
            let gone = (!there).then(|| mark.gone.unwrap_or(now));
            changed |= gone != mark.gone;
            mark.back |= there && mark.gone.is_some();
            mark.gone = gone;
        }
        changed | self.wait(board, now, settings)
    }

    /// What has not stood for long enough is remembered, so that what comes and goes each minute is the same alarm and told in
    /// time as well. One that was over before it was told is forgotten.
    fn wait(&mut self, board: &Board, now: u64, settings: &Settings) -> bool {
        let (before, calm) = (self.0.len(), settings.calm.as_secs());
        self.0
            .retain(|_, mark| !mark.waits || mark.gone.is_none_or(|gone| passed(gone, now) < calm));
        let mut changed = self.0.len() != before;
        let later = board.0.iter().filter(|_| !settings.after.is_zero());
        for (key, posted) in later {
            // A date in the future is a wrong clock's, or a lie.
            let since = seconds(posted.since).min(now);
            let mark = self.0.get_mut(key);
            match mark {
                Some(mark) if mark.waits && since < mark.since => mark.since = since,
                Some(_) => continue,
                None => drop(self.0.insert(key.clone(), Mark::of(posted, since, now, true))),
            }
            changed = true;
        }
        changed
    }

    /// What is to be told now.
    pub(super) fn news(&self, board: &Board, now: u64, settings: &Settings) -> Vec<Change> {
        let mut groups: BTreeMap<(Event, Alarm), Vec<(String, Posted)>> = BTreeMap::new();
        for (key, posted) in &board.0 {
            if let Some(event) = self.event(key, posted, now, settings) {
                let group = groups.entry((event, posted.alarm)).or_default();
                group.push((key.clone(), posted.clone()));
            }
        }
        let calm = settings.calm.as_secs();
        for (key, mark) in &self.0 {
            if !mark.waits
                && mark.gone.is_some_and(|gone| passed(gone, now) >= calm)
                && let Some(over) = mark.over(key)
            {
                groups
                    .entry((Event::Cleared, over.alarm))
                    .or_default()
                    .push((key.clone(), over));
            }
        }
        let news = groups.into_iter().flat_map(|((event, _), group)| match group.len() {
            0..=APART => group.chunks(1).map(|one| tell(event, one, settings)).collect(),
            _ => vec![tell(event, &group, settings)],
        });
        news.collect()
    }

    fn event(&self, key: &str, posted: &Posted, now: u64, settings: &Settings) -> Option<Event> {
        let Some(mark) = self.0.get(key) else {
            return Some(Event::Raised);
        };
        if mark.waits {
            return (passed(mark.since, now) >= settings.after.as_secs()).then_some(Event::Raised);
        }
        let (told, calm) = (passed(mark.at, now), settings.calm.as_secs());
        // Who mended it saw the form open, and goes home. What does so the whole night is told after twice as long each time,
        // whatever it says each time: to a hook that wakes for `raised` alone, another text is no news.
        let returned = mark.back && posted.alarm.stops_the_service();
        let other = posted.text != mark.text && posted.alarm.spec().rises;
        let event = match (returned, other) {
            (true, _) if told >= calm.saturating_mul(1 << mark.returns.min(20)) => Event::Raised,
            (false, true) if told >= calm => Event::Changed,
            _ if told >= settings.repeat.as_secs() => Event::Standing,
            _ => return None,
        };
        Some(event)
    }

    /// Remembers that this was told.
    pub(super) fn mark(&mut self, news: &Change, board: &Board, now: u64) {
        for key in &news.keys {
            let Some(posted) = board.0.get(key) else {
                self.0.remove(key);
                continue;
            };
            let mut mark = Mark::of(posted, seconds(posted.since), now, false);
            if let Some(before) = self.0.get(key).filter(|before| !before.waits) {
                mark.returns = before.returns + u32::from(before.back);
            }
            self.0.insert(key.clone(), mark);
        }
    }

    /// Whether anything is known of it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// What was told and stands, as it was told.
    pub(super) fn standing(&self) -> Vec<Posted> {
        let told = self.0.iter().filter(|(_, mark)| !mark.waits && mark.gone.is_none());
        told.filter_map(|(key, mark)| mark.over(key)).collect()
    }

    /// Knows of these as well, where it knows nothing better.
    pub(super) fn learn(&mut self, other: Told) {
        for (key, mark) in other.0 {
            if self.0.get(&key).is_none_or(|known| known.waits) {
                self.0.insert(key, mark);
            }
        }
    }

    /// Forgets what this holds for, and gives it away.
    pub(super) fn give(&mut self, is_given: impl Fn(&str) -> bool) -> Told {
        let (given, kept) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(key, _)| is_given(key));
        self.0 = kept;
        Told(given)
    }

    /// Nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When it was told last.
    pub(super) fn when(&self, key: &str) -> Option<u64> {
        self.0.get(key).filter(|mark| !mark.waits).map(|mark| mark.at)
    }
}

impl Mark {
    fn of(posted: &Posted, since: u64, at: u64, waits: bool) -> Self {
        Self {
            text: posted.text.clone(),
            at,
            since,
            gone: None,
            waits,
            back: false,
            returns: 0,
        }
    }

    /// The alarm as it was told.
    fn over(&self, key: &str) -> Option<Posted> {
        let (alarm, about) = Posted::parse(key)?;
        Some(Posted {
            alarm,
            about,
            text: self.text.clone(),
            since: std::time::UNIX_EPOCH + std::time::Duration::from_secs(self.since),
        })
    }
}

/// Seconds from then to now. A moment in the future was told by a wrong clock: that is long ago.
fn passed(then: u64, now: u64) -> u64 {
    now.checked_sub(then).unwrap_or(u64::MAX)
}

fn tell(event: Event, group: &[(String, Posted)], settings: &Settings) -> Change {
    let first = &group[0].1;
    let (about, mut text) = match group.len() {
        1 => (first.about.clone(), first.text.clone()),
        many => (
            String::new(),
            format!("{many} alarms at once; the first: {}", first.text),
        ),
    };
    if event == Event::Cleared {
        text = format!("it is over: {text}");
    }
    let since = group
        .iter()
        .map(|(_, posted)| posted.since)
        .min()
        .unwrap_or(first.since);
    Change {
        notice: Notice {
            schema: SCHEMA.into(),
            service: settings.service.clone(),
            event,
            alarm: first.alarm.name().into(),
            about,
            severity: severity(first.alarm).into(),
            text,
            since: minute_text(since),
            count: group.len(),
        },
        keys: group.iter().map(|(key, _)| key.clone()).collect(),
    }
}

fn severity(alarm: Alarm) -> &'static str {
    if alarm.stops_the_service() {
        "critical"
    } else {
        "warning"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    const NOW: u64 = 1_000_000;

    fn posted(alarm: Alarm, about: &str, text: &str) -> Posted {
        let since = UNIX_EPOCH + Duration::from_secs(NOW);
        Posted {
            alarm,
            about: about.into(),
            text: text.into(),
            since,
        }
    }

    /// One look at the board, everything told. What was told, as event and text.
    fn round(told: &mut Told, board: &[Posted], now: u64) -> Vec<(Event, String)> {
        round_after(told, board, now, 0)
    }

    /// The same for a contact that is told after so many hours.
    fn round_after(told: &mut Told, board: &[Posted], now: u64, hours: u64) -> Vec<(Event, String)> {
        let settings = Settings {
            service: "x".into(),
            calm: Duration::from_secs(60),
            repeat: Duration::from_secs(86_400),
            after: Duration::from_secs(hours * 3600),
        };
        let board = Board::of(board.iter().cloned());
        told.look(&board, now, &settings);
        let news = told.news(&board, now, &settings);
        news.iter().for_each(|news| told.mark(news, &board, now));
        news.into_iter()
            .map(|news| (news.notice.event, news.notice.text))
            .collect()
    }

    #[test]
    fn told_once_when_raised_when_it_rises_each_day_and_when_it_is_over() {
        let mut told = Told::default();
        let late = |hours| [posted(Alarm::Delayed, "", &format!("over {hours} h"))];
        let raised = vec![(Event::Raised, "over 1 h".to_owned())];
        assert_eq!(round(&mut told, &late(1), NOW), raised);
        assert_eq!(round(&mut told, &late(1), NOW + 2), []);
        let rises = round(&mut told, &late(4), NOW + 3 * 3600);
        assert_eq!(rises, [(Event::Changed, "over 4 h".to_owned())]);
        assert_eq!(round(&mut told, &late(4), NOW + 4 * 3600), []);
        let daily = round(&mut told, &late(4), NOW + 27 * 3600);
        assert_eq!(daily, [(Event::Standing, "over 4 h".to_owned())]);
        assert_eq!(round(&mut told, &late(4), NOW + 28 * 3600), []);
        assert_eq!(round(&mut told, &[], NOW + 29 * 3600), []);
        let over = round(&mut told, &[], NOW + 29 * 3600 + 60);
        assert_eq!(over, [(Event::Cleared, "it is over: over 4 h".to_owned())]);
        assert_eq!(round(&mut told, &[], NOW + 30 * 3600), []);
    }

    #[test]
    fn what_comes_and_goes_is_told_once() {
        let mut told = Told::default();
        let board = [posted(Alarm::MailServer, "", "refused")];
        assert_eq!(round(&mut told, &board, NOW).len(), 1);
        for second in 1..50 {
            let there = second % 2 == 0;
            let other = [posted(Alarm::MailServer, "", &format!("refused {second}"))];
            let board: &[Posted] = if there { &other } else { &[] };
            assert_eq!(round(&mut told, board, NOW + second * 30), []);
        }
    }

    /// The form was mended, opened, and failed again with the same words before its end was told: who was told of the first
    /// time believes that it is open.
    #[test]
    fn a_form_that_fails_again_before_its_end_was_told_is_told_again() {
        let mut told = Told::default();
        let down = [posted(Alarm::WebDown, "", "it could not be started")];
        let raised = vec![(Event::Raised, "it could not be started".to_owned())];
        assert_eq!(round(&mut told, &down, NOW), raised);
        assert_eq!(round(&mut told, &[], NOW + 600), []);
        // A restart in between: the memory lies in the spool.
        let mut told: Told = serde_json::from_slice(&serde_json::to_vec(&told).unwrap()).unwrap();
        assert_eq!(round(&mut told, &down, NOW + 630), raised);
        assert_eq!(round(&mut told, &down, NOW + 700), [], "once");
        // The control: what closes nothing is told once, as before.
        let mut other = Told::default();
        let refused = [posted(Alarm::MailServer, "", "refused")];
        assert_eq!(round(&mut other, &refused, NOW).len(), 1);
        round(&mut other, &[], NOW + 600);
        assert_eq!(round(&mut other, &refused, NOW + 630), []);
    }

    /// A mistake in one line was mended, and there is another one: whoever is woken by `raised` alone is woken.
    #[test]
    fn a_form_that_fails_again_for_another_reason_is_raised_again() {
        let mut told = Told::default();
        let line = |number| [posted(Alarm::WebDown, "", &format!("a mistake in line {number}"))];
        assert_eq!(round(&mut told, &line(5), NOW)[0].0, Event::Raised);
        assert_eq!(round(&mut told, &[], NOW + 600), []);
        let raised = vec![(Event::Raised, "a mistake in line 9".to_owned())];
        assert_eq!(round(&mut told, &line(9), NOW + 630), raised);
        // The control: while it stands, another text is a change.
        let changed = vec![(Event::Changed, "a mistake in line 7".to_owned())];
        assert_eq!(round(&mut told, &line(7), NOW + 700), changed);
        // Two reasons in turn are told as seldom as one.
        let mut told = Told::default();
        let at: Vec<u64> = (0..3600)
            .filter(|second: &u64| {
                let down = line(second % 4);
                let board = if second.is_multiple_of(2) { &down[..] } else { &[] };
                !round(&mut told, board, NOW + second).is_empty()
            })
            .collect();
        assert_eq!(at, [0, 60, 180, 420, 900, 1860]);
    }

    /// One that comes and goes the whole night wakes nobody each minute.
    #[test]
    fn a_form_that_comes_and_goes_is_told_ever_more_seldom() {
        let mut told = Told::default();
        let down = [posted(Alarm::WebDown, "", "it could not be started")];
        let board = |second: u64| if second.is_multiple_of(2) { &down[..] } else { &[] };
        let at: Vec<u64> = (0..3600)
            .filter(|second| !round(&mut told, board(*second), NOW + second).is_empty())
            .collect();
        assert_eq!(at, [0, 60, 180, 420, 900, 1860]);
        // Once its end is told, it is another one.
        assert_eq!(round(&mut told, &[], NOW + 4000)[0].0, Event::Cleared);
        assert_eq!(round(&mut told, &down, NOW + 4001)[0].0, Event::Raised);
    }

    #[test]
    fn many_at_once_are_one_message() {
        let mut told = Told::default();
        let held = |n: u32| -> Vec<Posted> {
            (0..n)
                .map(|i| posted(Alarm::Held, &format!("{i:04}"), "held"))
                .collect()
        };
        assert_eq!(round(&mut told, &held(3), NOW).len(), 3);
        let many = round(&mut told, &held(5000), NOW);
        assert_eq!(
            many,
            [(Event::Raised, "4997 alarms at once; the first: held".to_owned())]
        );
        round(&mut told, &[], NOW);
        assert_eq!(round(&mut told, &[], NOW + 60).len(), 1);
        assert!(told.0.is_empty());
    }

    /// What the first contact did not get mended in time; and of what was never told no end is told either.
    #[test]
    fn what_still_stands_after_a_time_is_told_to_the_second_contact_with_its_end() {
        let mut told = Told::default();
        let at = |told: &mut Told, board: &[Posted], seconds| round_after(told, board, NOW + seconds, 4);
        let board = [posted(Alarm::MailServer, "", "refused")];
        assert_eq!(at(&mut told, &board, 5), []);
        // A restart in between: the memory lies in the spool.
        let bytes = serde_json::to_vec(&told).unwrap();
        let mut told: Told = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(told.when("mail-server"), None, "nobody was told");
        // It comes and goes meanwhile, and its file says another time each time.
        assert_eq!(at(&mut told, &[], 3 * 3600), []);
        let mut again = board[0].clone();
        again.since += Duration::from_secs(3 * 3600 + 30);
        assert_eq!(at(&mut told, &[again.clone()], 3 * 3600 + 30), []);
        assert_eq!(at(&mut told, &[again.clone()], 4 * 3600 - 1), []);
        let raised = vec![(Event::Raised, "refused".to_owned())];
        assert_eq!(at(&mut told, &[again], 4 * 3600), raised);
        at(&mut told, &[], 5 * 3600);
        let over = vec![(Event::Cleared, "it is over: refused".to_owned())];
        assert_eq!(at(&mut told, &[], 5 * 3600 + 60), over);
        // One that is mended before that reaches nobody, neither its beginning nor its end.
        let mut other = posted(Alarm::Disk, "", "full");
        other.since += Duration::from_secs(6 * 3600);
        assert_eq!(at(&mut told, &[other], 6 * 3600), []);
        for seconds in [7, 8, 20] {
            assert_eq!(at(&mut told, &[], seconds * 3600), []);
        }
        assert!(told.0.is_empty());
    }

    #[test]
    fn an_alarm_that_says_it_is_from_the_future_is_told_in_time_all_the_same() {
        let mut told = Told::default();
        let mut board = [posted(Alarm::Disk, "", "full")];
        board[0].since += Duration::from_secs(1_000_000);
        assert_eq!(round_after(&mut told, &board, NOW, 4), []);
        assert_eq!(round_after(&mut told, &board, NOW + 4 * 3600, 4).len(), 1);
    }

    #[test]
    fn a_clock_that_was_set_back_silences_nothing() {
        let mut told = Told::default();
        let board = [posted(Alarm::Disk, "", "full")];
        round(&mut told, &board, NOW);
        assert_eq!(
            round(&mut told, &board, NOW - 5000),
            [(Event::Standing, "full".to_owned())]
        );
        assert_eq!(round(&mut told, &board, NOW - 4000), []);
    }
}
