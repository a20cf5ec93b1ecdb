//! What a form sent.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, FromRequest, FromRequestParts, Path, RawQuery, Request};
use axum::http::request::Parts;
use axum::response::Response;
use zeroize::Zeroizing;

use super::{Desk, fault};
use crate::desk::post::{RowId, Sort};

/// Fields by name; the first of each. It has no `Debug`: one of them may be a passphrase.
pub(super) struct Fields(HashMap<String, Zeroizing<String>>);

impl Fields {
    /// A field; empty when there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.as_str())
    }
}

impl FromRequest<Arc<Desk>> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &Arc<Desk>) -> Result<Self, Response> {
        let uri = request.uri().clone();
        let pairs = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) = pairs.map_err(|_| fault::bad_request(state, &uri))?;
        let mut fields = HashMap::new();
        for (name, value) in pairs {
            fields.entry(name).or_insert(Zeroizing::new(value));
        }
        Ok(Self(fields))
    }
}

/// The number of a letter in an address.
pub(super) struct Id(pub(super) RowId);

impl FromRequestParts<Arc<Desk>> for Id {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Desk>) -> Result<Self, Response> {
        let id = Path::<HashMap<String, String>>::from_request_parts(parts, state)
            .await
            .ok();
        let id = id.and_then(|Path(named)| named.get("id")?.parse().ok());
        id.map(Self).ok_or_else(|| fault::no_such_letter(state, &parts.uri))
    }
}

/// What an address says of the list that a page belongs to.
pub(super) fn sort(query: &RawQuery) -> Sort {
    let pairs = query.0.as_deref().unwrap_or_default().split('&');
    let named = pairs
        .filter_map(|pair| pair.strip_prefix("sort="))
        .find_map(Sort::named);
    named.unwrap_or_default()
}
