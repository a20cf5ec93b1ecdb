//! All of the outer mail that stands before and after the sealed message (RFC 3156 §4). The form writes it; the relay,
//! which believes nobody, writes it once more and compares.

/// What differs from mail to mail, each ready to stand after its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailHead {
    /// From: exactly an address in the relay key's user ID.
    pub from: String,
    /// To: the mailbox.
    pub to: String,
    /// Neutral words and the reference.
    pub subject: String,
    /// RFC 5322 date.
    pub date: String,
    /// With its angle brackets; the same over all retries.
    pub message_id: String,
    /// For the clerk's search.
    pub reference: String,
    /// Random; parts the mail.
    pub boundary: String,
}

impl MailHead {
    /// The head, the control part, and the head of the part with the sealed message.
    pub fn text(&self) -> String {
        let Self {
            from,
            to,
            subject,
            date,
            message_id,
            reference,
            boundary,
        } = self;
        // Content-Type is folded and not the last field: Thunderbird's repair of mail that Exchange mangled
        // fails otherwise.
        format!(
            "From: {from}\r\n\
             To: {to}\r\n\
             Subject: {subject}\r\n\
             Date: {date}\r\n\
             Message-ID: {message_id}\r\n\
             X-Konvolutt-Reference: {reference}\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"{boundary}\"\r\n\
             Auto-Submitted: auto-generated\r\n\
             \r\n\
             This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156).\r\n\
             --{boundary}\r\n\
             Content-Type: application/pgp-encrypted\r\n\
             Content-Description: PGP/MIME version identification\r\n\
             \r\n\
             Version: 1\r\n\
             \r\n\
             --{boundary}\r\n\
             Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
             Content-Description: OpenPGP encrypted message\r\n\
             Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\
             Content-Transfer-Encoding: 7bit\r\n\
             \r\n"
        )
    }

    /// What ends the mail.
    pub fn end(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }
}
