//! What the pages of the desk say, topic by topic.

pub mod acts;
pub mod contact;
pub mod copies;
pub mod document;
pub mod export;
pub mod faults;
pub mod file_facts;
pub mod frame;
pub mod keys;
pub mod letter;
pub mod list;
pub mod lock;
pub mod setup;
pub mod start;
pub mod states;
pub mod when;
