//! What only a store can read: the addresses of its receipts.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use konvolutt::store::Identities;
use konvolutt::submission::{Opened, ReceiptSeal};

/// What a process of the store that lies there seals and opens receipts with.
pub fn receipt_seal(spool: &Path) -> ReceiptSeal {
    let secret: [u8; 32] = fs::read(spool.join("secret")).unwrap().try_into().unwrap();
    ReceiptSeal::new(&Identities::new(secret.into()))
}

/// The sealed part of a receipt's address.
pub fn sealed(address: &str) -> &str {
    let (_, sealed) = address.split_once("/kvittering/").expect("the address of a receipt");
    // Behind it may stand the key to a copy.
    sealed.split_once('?').map_or(sealed, |(sealed, _)| sealed)
}

/// The reference that a receipt of this store shows now.
pub fn reference_at(spool: &Path, address: &str) -> String {
    match receipt_seal(spool).open(sealed(address), Timestamp::now()) {
        Opened::Shown(shown) => shown.reference.to_string(),
        other => panic!("{address}: {other:?}"),
    }
}
