//! Who tells what by one way.
//!
//! A node alone tells everything. Of several, each tells what concerns it, and the one that leads tells what concerns all; its
//! memory of that passes to whoever leads next, so that nothing is told twice. While nobody knows who leads, each tells
//! everything: rather twice than not at all. The end of what a node told then is told by it, whoever leads by then, unless it
//! can no longer see it.

use std::sync::Arc;

use tokio::sync::watch;

use super::diff::Board;
use super::memory::Memory;
use super::voice::{Round, Telling, Voice};
use super::{Names, Outlet};
use crate::alarms::{Alarms, Posted};
use crate::store::{Lead, Leader, Notes};

pub(super) struct Teller {
    voice: Voice,
    /// Of alarms that all nodes share; of all alarms where there is one node.
    shared: Memory,
    /// Of alarms of this node.
    own: Memory,
    /// Of alarms that all share, told here while nobody knew who leads.
    alone: Memory,
    /// In which `shared` was read.
    term: Option<u64>,
}

impl Teller {
    pub(super) fn new(outlet: Outlet, notes: Arc<dyn Notes>, leader: Option<Arc<Leader>>) -> Self {
        let Names { note, alone, .. } = *outlet.names();
        let memory = |name: String| Memory::new(name, outlet.way.whom());
        Self {
            shared: memory(note.to_owned()),
            own: memory(notes.own_name(note)),
            alone: memory(notes.own_name(alone)),
            term: None,
            voice: Voice { outlet, notes, leader },
        }
    }

    pub(super) fn way(&self) -> &'static str {
        self.voice.outlet.name()
    }

    /// Tells what is new.
    pub(super) async fn round(&mut self, alarms: &Arc<Alarms>, stop: &watch::Receiver<bool>) -> Result<Round, String> {
        if self.voice.notes.node().is_none() {
            self.shared.begin(&self.voice.notes).await?;
            let board = board(alarms).await?;
            let voice = &self.voice;
            return voice.tell(&mut self.shared, &board, Telling::Everything, stop).await;
        }
        for memory in [&mut self.own, &mut self.alone] {
            // While the store is away, what is known here must do.
            let _ = memory.begin(&self.voice.notes).await;
        }
        // What this node begins to look for comes onto the board as the lead comes to it, and leaves it with the lead.
        let asked = self.voice.lead().await;
        let lead = self.heard(asked).await;
        let board = board(alarms).await?;
        if self.voice.lead().await != asked {
            return Ok(Round::Quiet);
        }
        self.round_of_a_node(lead, board, stop).await
    }

    async fn round_of_a_node(
        &mut self,
        lead: Lead,
        board: Board,
        stop: &watch::Receiver<bool>,
    ) -> Result<Round, String> {
        let (all, nodes) = board.part(|_, posted| posted.alarm.is_shared(&posted.about));
        let (shared, in_term, alone, rest) = match lead {
            Lead::Mine(term) => {
                let there = self.alone.told.give(|key| all.has(key));
                if !there.is_empty() {
                    self.shared.told.learn(there);
                    self.shared.changed();
                    self.alone.changed();
                }
                (all, Telling::InTerm(term), Board::default(), Telling::Ends)
            }
            Lead::Anothers => {
                let (told, _) = all.part(|key, _| self.alone.told.has(key));
                (Board::default(), Telling::Unwritten, told, Telling::Ends)
            }
            Lead::Unknown => {
                let (known, others) = all.part(|key, _| self.shared.told.has(key));
                (known, Telling::Unwritten, others, Telling::Everything)
            }
        };
        let rounds = [
            self.voice.tell(&mut self.own, &nodes, Telling::Everything, stop).await,
            self.voice.tell(&mut self.shared, &shared, in_term, stop).await,
            self.voice.tell(&mut self.alone, &alone, rest, stop).await,
        ];
        let came_to = if rounds.contains(&Ok(Round::Told)) {
            Round::Told
        } else {
            Round::Quiet
        };
        rounds.into_iter().find(Result::is_err).unwrap_or(Ok(came_to))
    }

    /// Who leads, once what was told is known as far as that needs it.
    async fn heard(&mut self, lead: Lead) -> Lead {
        match lead {
            Lead::Mine(term) if self.term == Some(term) => {}
            Lead::Mine(term) => {
                if self.shared.read_again(&self.voice.notes).await.is_err() {
                    return Lead::Unknown;
                }
                self.term = Some(term);
            }
            Lead::Anothers => {
                self.term = None;
                self.shared.leave();
                // What is looked for once is no longer seen here, which says nothing of its end.
                if !self.alone.told.give(is_looked_for_once).is_empty() {
                    self.alone.changed();
                }
            }
            Lead::Unknown => {}
        }
        lead
    }
}

async fn board(alarms: &Arc<Alarms>) -> Result<Board, String> {
    let owned = alarms.clone();
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
    let board = tokio::task::spawn_blocking(move || Board::of(owned.board())).await;
    board.map_err(|error| error.to_string())
}

fn is_looked_for_once(key: &str) -> bool {
    Posted::parse(key).is_some_and(|(alarm, about)| alarm.is_looked_for_once(&about))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "nothing else waits in a test")]
mod tests {
    use std::collections::BTreeMap;
    use std::io;
    use std::path::PathBuf;
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;
    use crate::alarms::{Alarm, QUEUE, Side};
    use crate::notify::{Command, Settings, Way, told, told_of_all};

    /// What the nodes share.
    #[derive(Default)]
    struct Place {
        notes: BTreeMap<String, Vec<u8>>,
        /// Who leads; nobody knows while it is away.
        leads: Option<&'static str>,
    }

    fn away() -> io::Error {
        io::Error::other("away")
    }

    struct Shared(Arc<Mutex<Place>>, &'static str);

    impl Notes for Shared {
        fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
            let place = self.0.lock().unwrap();
            place.leads.ok_or_else(away)?;
            Ok(place.notes.get(name).cloned())
        }

        fn set_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
            let mut place = self.0.lock().unwrap();
            place.leads.ok_or_else(away)?;
            place.notes.insert(name.to_owned(), bytes.to_vec());
            Ok(())
        }

        fn node(&self) -> Option<&str> {
            Some(self.1)
        }
    }

    struct Node {
        alarms: Arc<Alarms>,
        notes: Arc<Shared>,
        teller: Teller,
    }

    struct Scene {
        dir: tempfile::TempDir,
        place: Arc<Mutex<Place>>,
    }

    impl Scene {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            for node in ["a", "b"] {
                std::fs::create_dir(dir.path().join(node)).unwrap();
            }
            let place = Arc::<Mutex<Place>>::default();
            Self { dir, place }
        }

        fn leads(&self, node: impl Into<Option<&'static str>>) {
            self.place.lock().unwrap().leads = node.into();
        }

        /// What a node finds after a start of its relay.
        fn node(&self, name: &'static str) -> Node {
            let alarms = Arc::new(Alarms::new(self.dir.path().join(name), &[Side::Relay]));
            let notes = Arc::new(Shared(self.place.clone(), name));
            let (asked, read, own) = (self.place.clone(), notes.clone(), alarms.clone());
            let leads = move || asked.lock().unwrap().leads.map(|leads| leads == name).ok_or_else(away);
            let take_over = move || {
                told_of_all(&*read)?.iter().for_each(|told| own.adopt(told));
                Ok(())
            };
            let leader = Leader::new(leads).beginning_with(take_over).without_patience();
            let hook = self.hook().display().to_string();
            let script = "echo \"$KONVOLUTT_EVENT $KONVOLUTT_ALARM\" >> \"$0\"";
            let outlet = Outlet {
                way: Way::Command(Command {
                    argv: ["/bin/sh", "-c", script, &hook].map(str::to_owned).to_vec(),
                    timeout: Duration::from_secs(60),
                }),
                settings: Settings {
                    service: "x".into(),
                    // An end that is taken for one is told at once.
                    calm: Duration::ZERO,
                    repeat: Duration::from_secs(86_400),
                    after: Duration::ZERO,
                },
            };
            Node {
                teller: Teller::new(outlet, notes.clone(), Some(Arc::new(leader))),
                notes,
                alarms,
            }
        }

        fn hook(&self) -> PathBuf {
            self.dir.path().join("hook")
        }

        /// Some rounds of both; what was told by them.
        async fn told(&self, nodes: [&mut Node; 2]) -> Vec<String> {
            let (_running, stop) = watch::channel(false);
            for node in nodes {
                for _ in 0..3 {
                    node.teller.round(&node.alarms, &stop).await.unwrap();
                }
            }
            let told = std::fs::read_to_string(self.hook()).unwrap_or_default();
            std::fs::write(self.hook(), "").unwrap();
            let mut told: Vec<_> = told.lines().map(str::to_owned).collect();
            told.sort();
            told
        }
    }

    const NOTHING: [&str; 0] = [];

    #[tokio::test]
    async fn what_concerns_all_is_told_once_by_two_nodes_and_what_concerns_one_by_each() {
        let scene = Scene::new();
        scene.leads("a");
        let (mut a, mut b) = (scene.node("a"), scene.node("b"));
        for node in [&a, &b] {
            node.alarms.raise(Alarm::MailServer, "", "refused");
            node.alarms.raise(Alarm::Disk, "", "full");
        }
        let told_by_both = scene.told([&mut b, &mut a]).await;
        assert_eq!(told_by_both, ["raised disk", "raised disk", "raised mail-server"]);
        assert_eq!(scene.told([&mut a, &mut b]).await, NOTHING);
        // The other one knows of it, and that it was told.
        let known = b.alarms.own();
        assert_eq!(known.len(), 2);
        assert!(known.iter().all(|posted| told(&*b.notes, posted).len() == 1));
        let names: Vec<_> = scene.place.lock().unwrap().notes.keys().cloned().collect();
        assert_eq!(
            names,
            ["told-command.json", "told-command.json.a", "told-command.json.b"]
        );
        for node in [&a, &b] {
            node.alarms.clear(Alarm::MailServer, "");
            node.alarms.clear(Alarm::Disk, "");
        }
        let told_by_both = scene.told([&mut b, &mut a]).await;
        assert_eq!(told_by_both, ["cleared disk", "cleared disk", "cleared mail-server"]);
    }

    #[tokio::test]
    async fn a_lead_that_moves_tells_nothing_twice_and_loses_nothing() {
        let scene = Scene::new();
        scene.leads("a");
        let (mut a, mut b) = (scene.node("a"), scene.node("b"));
        a.alarms.raise(Alarm::Held, "x", "held");
        a.alarms.raise(Alarm::Held, "y", "held");
        a.alarms.raise(Alarm::Clock, "", "wrong");
        a.alarms.raise(Alarm::MailServer, "", "refused");
        let raised = ["raised clock", "raised held", "raised held", "raised mail-server"];
        assert_eq!(scene.told([&mut a, &mut b]).await, raised);
        // The one that led looks no more, and says nothing of it.
        scene.leads("b");
        a.alarms.leave_to_the_leader();
        assert_eq!(scene.told([&mut a, &mut b]).await, NOTHING);
        assert_eq!(scene.told([&mut b, &mut a]).await, NOTHING);
        // The next one finds what is over, and what is new.
        assert_eq!(b.alarms.subjects(Alarm::Held), ["x", "y"]);
        let still = ["y", "z"].map(|name| (name.to_owned(), "held".to_owned()));
        b.alarms.exactly(Alarm::Held, still.to_vec());
        assert_eq!(scene.told([&mut a, &mut b]).await, ["cleared held", "raised held"]);
        a.alarms.clear(Alarm::Clock, "");
        a.alarms.clear(Alarm::MailServer, "");
        assert_eq!(scene.told([&mut a, &mut b]).await, ["cleared clock"]);
        // Back, after a restart of both.
        scene.leads("a");
        let (mut a, mut b) = (scene.node("a"), scene.node("b"));
        b.alarms.leave_to_the_leader();
        assert_eq!(scene.told([&mut b, &mut a]).await, NOTHING);
        assert_eq!(a.alarms.subjects(Alarm::Held), ["y", "z"]);
        a.alarms.exactly(Alarm::Held, Vec::new());
        a.alarms.clear(Alarm::MailServer, "");
        let cleared = ["cleared held", "cleared held", "cleared mail-server"];
        assert_eq!(scene.told([&mut b, &mut a]).await, cleared);
    }

    #[tokio::test]
    async fn while_nobody_knows_who_leads_each_tells_everything_and_later_its_end() {
        let scene = Scene::new();
        scene.leads("a");
        let (mut a, mut b) = (scene.node("a"), scene.node("b"));
        a.alarms.raise(Alarm::Held, "x", "held");
        assert_eq!(scene.told([&mut a, &mut b]).await, ["raised held"]);
        scene.leads(None);
        for node in [&a, &b] {
            node.alarms.raise(Alarm::Stuck, QUEUE, "away");
            node.alarms.raise(Alarm::Delayed, "", "late");
        }
        b.alarms.raise(Alarm::MailServer, "", "refused");
        b.alarms.raise(Alarm::Disk, "", "full");
        let each = ["raised delayed", "raised delayed", "raised disk", "raised mail-server"];
        let stuck = ["raised stuck", "raised stuck"];
        assert_eq!(scene.told([&mut a, &mut b]).await, [&each[..], &stuck[..]].concat());
        assert_eq!(scene.told([&mut a, &mut b]).await, NOTHING);
        // It is back. What the leader alone looks for is over when that one says so.
        scene.leads("a");
        b.alarms.leave_to_the_leader();
        assert_eq!(scene.told([&mut b, &mut a]).await, NOTHING);
        let (mut a, mut b) = (scene.node("a"), scene.node("b"));
        assert_eq!(scene.told([&mut a, &mut b]).await, NOTHING);
        for node in [&a, &b] {
            for (alarm, about) in [(Alarm::Stuck, QUEUE), (Alarm::Delayed, ""), (Alarm::MailServer, "")] {
                node.alarms.clear(alarm, about);
            }
        }
        let ends = [
            "cleared delayed",
            "cleared mail-server",
            "cleared stuck",
            "cleared stuck",
        ];
        assert_eq!(scene.told([&mut a, &mut b]).await, ends);
        a.alarms.clear(Alarm::Held, "x");
        b.alarms.clear(Alarm::Disk, "");
        assert_eq!(scene.told([&mut a, &mut b]).await, ["cleared disk", "cleared held"]);
    }

    /// A service that was started while its database was away must not write over what it could not read.
    #[tokio::test]
    async fn a_start_without_the_store_forgets_nothing() {
        let scene = Scene::new();
        scene.leads("a");
        let (mut a, mut b) = (scene.node("a"), scene.node("b"));
        a.alarms.raise(Alarm::Disk, "", "full");
        a.alarms.raise(Alarm::Held, "x", "held");
        assert_eq!(scene.told([&mut a, &mut b]).await, ["raised disk", "raised held"]);
        scene.leads(None);
        let mut a = scene.node("a");
        a.alarms.clear(Alarm::Disk, "");
        // Nobody knows what was told before.
        assert_eq!(scene.told([&mut a, &mut b]).await, ["raised held"]);
        scene.leads("a");
        assert_eq!(scene.told([&mut a, &mut b]).await, ["cleared disk"]);
        a.alarms.clear(Alarm::Held, "x");
        assert_eq!(scene.told([&mut a, &mut b]).await, ["cleared held"]);
    }
}
