//! What somebody does who has taken the web side over: puts files of their own into the queue.

use std::fs;
use std::path::Path;

use konvolutt::cli::sandbox;
use konvolutt::config::{Config, Role};

/// Each file of `folder` under its own name. Prints what came of it, and whether the queue can be read then.
pub(crate) fn link_all(config: &Config, folder: &Path) {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files: Vec<_> = files
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect();
    sandbox::enforce(sandbox::needs(config, Role::Web).unwrap()).unwrap();
    let spool = &config.spool.directory;
    for (name, bytes) in files {
        let (draft, queued) = (spool.join("draft").join(&name), spool.join("new").join(&name));
        let linked = fs::write(&draft, bytes).and_then(|()| fs::hard_link(&draft, &queued));
        fs::remove_file(&draft).unwrap();
        let told = |done: bool| if done { "done" } else { "refused" };
        let read = fs::read(&queued).is_ok();
        println!("{}\t{}\t{}", name.display(), told(linked.is_ok()), told(read));
    }
}
