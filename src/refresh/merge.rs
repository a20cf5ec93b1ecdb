//! What of a copy from the net goes into a certificate.

use sequoia_openpgp as openpgp;

use openpgp::serialize::SerializeInto;
use openpgp::{Cert, Packet};

/// As `seal` reads it, less some room: a file that grew beyond would be refused there, and the mailbox be shut by whoever serves a
/// large copy.
const LARGEST: usize = 400 * 1024;

/// The certificate with what the copy has more, or `None` if that is nothing.
///
/// # Errors
/// Why the copy is not taken.
pub(super) fn merge(own: &Cert, copy: &Cert) -> Result<Option<Cert>, String> {
    if copy.fingerprint() != own.fingerprint() {
        return Err("it holds another certificate".into());
    }
    if copy.is_tsk() {
        return Err(
            "it holds the SECRET key: tell the post room, which must treat the key as exposed and make a new one"
                .into(),
        );
    }
    // What is there already stays as it is, also in the part of a signature that anybody can change.
    let merged = own
        .clone()
        .insert_packets_merge(signed_by_itself(copy), |old, new| Ok(old.unwrap_or(new)));
    let (merged, _) = merged.map_err(|error| format!("it cannot be merged: {error}"))?;
    let bytes = |cert: &Cert| cert.to_vec().map_err(|error| error.to_string());
    let after = bytes(&merged)?;
    if after == bytes(own)? {
        return Ok(None);
    }
    if after.len() > LARGEST {
        return Err(format!(
            "with it the certificate would be larger than {} KiB",
            LARGEST / 1024
        ));
    }
    Ok(Some(merged))
}

/// The parts that the certificate's own key has signed, with those signatures. What others have put there, whoever they are,
/// would only be weight.
fn signed_by_itself(copy: &Cert) -> Vec<Packet> {
    let primary = copy.primary_key();
    let mut packets: Vec<Packet> = primary.self_signatures().cloned().map(Packet::from).collect();
    packets.extend(primary.self_revocations().cloned().map(Packet::from));
    for id in copy.userids() {
        let mut signatures = id.self_signatures().chain(id.self_revocations()).peekable();
        if signatures.peek().is_some() {
            packets.push(id.userid().clone().into());
            packets.extend(signatures.cloned().map(Packet::from));
        }
    }
    for key in copy.keys().subkeys() {
        let mut signatures = key.self_signatures().chain(key.self_revocations()).peekable();
        if signatures.peek().is_some() {
            packets.push(key.key().clone().into());
            packets.extend(signatures.cloned().map(Packet::from));
        }
    }
    packets
}
