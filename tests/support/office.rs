//! The way of a letter inside one process, without HTTP and without a mail server: for tests that need many.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use konvolutt::alarms::Alarms;
use konvolutt::answer::{FileFact, Typed};
use konvolutt::config::{Config, Overrides, inspect};
use konvolutt::draft::{DraftDirectory, DraftWriter};
use konvolutt::i18n::Lang;
use konvolutt::seal::{Pinned, Sealer, SigningKey};
use konvolutt::store::files::FileStore;
use konvolutt::store::{Settlement, Store};
use konvolutt::submission::{Mailbox, Pipeline, Receipt, Refusal, Submission, Upload, Witness};
use postrom::{Input, Keys, Outcome};
use sequoia_openpgp::Cert;
use tempfile::TempDir;

use super::authority::Authority;
use super::world::Way;

pub struct Office {
    dir: TempDir,
    pub store: Arc<dyn Store>,
    pub pipeline: Pipeline,
    pub keys: Keys,
    pub relay: Cert,
}

impl Office {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// An office whose authority was made different before it was read.
    pub fn with(change: impl FnOnce(&Authority)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new(dir.path());
        authority.write_config(&Way::Maildir);
        change(&authority);
        let inspection = inspect(&authority.config(), &Overrides::default());
        let config = inspection
            .config
            .unwrap_or_else(|| panic!("{:#?}", inspection.diagnostics));
        let store: Arc<dyn Store> = Arc::new(FileStore::open(&config.spool).unwrap());
        let pipeline = pipeline(config, &store);
        let mut keys = Keys::default();
        keys.add(&dir.path().join("secret/daily.key.asc"), &mut |_| None)
            .unwrap();
        let relay = postrom::load_certificate(&dir.path().join("keys/relay.cert.asc")).unwrap();
        Self {
            dir,
            store,
            pipeline,
            keys,
            relay,
        }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn key(&self, role: &str) -> PathBuf {
        self.root().join(format!("secret/{role}.key.asc"))
    }

    pub fn certificate(&self, role: &str) -> Cert {
        postrom::load_certificate(&self.root().join(format!("keys/{role}.cert.asc"))).unwrap()
    }

    pub fn submit(&self, text: &str, files: &[(&str, &[u8])]) -> Result<Receipt, Refusal> {
        let form = &self.pipeline.forms[0];
        let mut typed = Typed::default();
        typed.push("melding".into(), text.into());
        let mut token = [0u8; 16];
        getrandom::fill(&mut token).unwrap();
        self.pipeline.submit(&Submission {
            form,
            lang: Lang::NN,
            token: &token,
            typed: &typed,
            files: files.iter().map(|(name, bytes)| self.upload(name, bytes)).collect(),
            test: false,
            automatic: false,
            guessed_encoding: false,
        })
    }

    fn upload(&self, name: &str, bytes: &[u8]) -> Upload {
        let mut writer = DraftWriter::begin(&self.pipeline.drafts).unwrap();
        writer.push(bytes).unwrap();
        Upload {
            fact: FileFact {
                field: "vedlegg".into(),
                name: name.into(),
                size: bytes.len() as u64,
                too_large: false,
                locked: false,
            },
            draft: Some(writer.finish().unwrap()),
        }
    }

    /// The mail of a letter, as it would go to the mail server.
    pub fn mail(&self, text: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
        let receipt = self.submit(text, files);
        assert!(receipt.is_ok(), "the letter was refused");
        let (name, _) = self.store.waiting().unwrap().pop().unwrap();
        let claim = self.store.claim(&name).unwrap();
        let letter = claim.letter().clone();
        claim.settle(Settlement::Delivered).unwrap();
        let mut mail = Vec::new();
        std::io::Read::read_to_end(&mut letter.mail(), &mut mail).unwrap();
        mail
    }

    /// Opens a mail with the daily key.
    pub fn open(&self, mail: &[u8]) -> Result<Outcome, String> {
        self.open_with(&self.keys, mail)
    }

    pub fn open_with(&self, keys: &Keys, mail: &[u8]) -> Result<Outcome, String> {
        let input = Input {
            source: "test".into(),
            bytes: mail.to_vec(),
        };
        postrom::unpack(&input, keys, Some(&self.relay), &self.root().join("opened"))
    }

    /// Its pipeline alone, and the directory that it needs.
    pub fn into_pipeline(self) -> (TempDir, Pipeline) {
        (self.dir, self.pipeline)
    }

    /// Folders that have a name, or were left behind unfinished. The lock by which clerks wait for each other stays.
    pub fn folders(&self) -> usize {
        let opened = std::fs::read_dir(self.root().join("opened"));
        let names = opened.into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name != ".postrom-lock").count()
    }
}

fn pipeline(config: Config, store: &Arc<dyn Store>) -> Pipeline {
    let alarms = Arc::new(Alarms::new(config.spool.alarms(), &[]));
    let mailboxes = config.mailboxes.into_iter().map(|mailbox| Mailbox {
        name: mailbox.name,
        address: mailbox.address,
        files: mailbox.files,
        waiting: mailbox.waiting,
        pinned: Pinned::new(mailbox.pins, mailbox.allow_classical),
    });
    Pipeline {
        forms: Arc::new(config.forms),
        mailboxes: Arc::new(mailboxes.collect()),
        office: Arc::new(konvolutt::submission::Office {
            letter_language: config.letter_language,
            authority: config.authority,
            time_zone: config.time_zone,
            from_name: config.mail.from_name,
            from_address: config.mail.from_address,
            envelope_from: config.mail.envelope_from,
            subject: config.mail.subject,
        }),
        sealer: Arc::new(Sealer::new(SigningKey::load(&config.signing.0, &config.signing.1))),
        inbox: store.clone(),
        drafts: DraftDirectory::open(&config.spool.drafts).unwrap(),
        alarms,
        witness: Witness::none(),
    }
}
