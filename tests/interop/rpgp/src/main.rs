//! Opens a letter with rPGP, as Delta Chat would.
//!
//! Usage: `rpgp-reader KEY RELAY SEALED OUT`. Prints `signed` when the relay's signature is good.

use std::error::Error;

use pgp::composed::{Deserializable, Message, SignedPublicKey, SignedSecretKey};
use pgp::types::Password;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, relay, sealed, out] = arguments.as_slice() else {
        return Err("usage: rpgp-reader KEY RELAY SEALED OUT".into());
    };
    let (key, _) = SignedSecretKey::from_armor_file(key)?;
    let (relay, _) = SignedPublicKey::from_armor_file(relay)?;
    let (message, _) = Message::from_armor_file(sealed)?;
    let mut message = message.decrypt(&Password::empty(), &key)?;
    let document = message.as_data_vec()?;
    std::fs::write(out, document)?;
    if message.verify(&relay.primary_key).is_ok() {
        println!("signed");
    }
    Ok(())
}
