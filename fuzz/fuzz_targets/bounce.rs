//! The reader of what comes back from mail servers, given anything: no panic, no endless loop, and a mail about no letter of
//! ours stays where it is, with no alarm.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use konvolutt::alarms::{Alarms, Side};
use konvolutt::bounces::{Bounces, Settings};
use konvolutt::store::files::{self, FileStore};
use libfuzzer_sys::fuzz_target;

struct Scene {
    store: FileStore,
    alarms: Alarms,
    bounces: Bounces,
    folder: PathBuf,
    /// Each mail has a name of its own: two of one length in one moment must not pass for the same file.
    mails: u64,
}

static SCENE: OnceLock<Mutex<Scene>> = OnceLock::new();

fn scene() -> Mutex<Scene> {
    let root = std::env::temp_dir().join(format!("konvolutt-fuzz-bounce-{}", std::process::id()));
    let (spool, folder) = (files::Settings::at(root.join("spool")), root.join("mails"));
    fs::create_dir_all(&folder).unwrap();
    let store = FileStore::open(&spool).unwrap();
    let settings = Settings {
        directories: vec![folder.clone()],
    };
    Mutex::new(Scene {
        alarms: Alarms::new(spool.alarms(), &[Side::Relay]),
        bounces: Bounces::load(settings, &store).unwrap(),
        store,
        folder,
        mails: 0,
    })
}

fuzz_target!(|mail: &[u8]| {
    let mut scene = SCENE.get_or_init(scene).lock().unwrap();
    let Scene {
        store,
        alarms,
        bounces,
        folder,
        mails,
    } = &mut *scene;
    *mails += 1;
    let file = folder.join(mails.to_string());
    fs::write(&file, mail).unwrap();
    bounces.look(store, alarms, SystemTime::now()).unwrap();
    assert_eq!(fs::read(&file).unwrap(), mail, "another's mail was touched");
    assert!(alarms.alarms().is_empty(), "{:?}", alarms.alarms());
    fs::remove_file(&file).unwrap();
});
