//! What SDKs tell: analytics events and diagnostics, by whichever door they come (`launchdarkly.md` §1.7).

use axum::body::Bytes;
use axum::extract::State;
use delivery::sdks::Transport;
use delivery::{EnvironmentSnapshot, KeyKind};
use http::{HeaderMap, StatusCode};

use crate::Sdks;
use crate::body;
use crate::key::{Door, Visitor};
use crate::live;
use crate::sighting::{self, Diagnostic};
use crate::status::StatusResponse;
use crate::translate::{self, Translated};

/// Takes a batch of events in: 202 says that they survive a crash.
pub(crate) async fn receive<D: Door>(
    State(sdks): State<Sdks>,
    visitor: Visitor<D>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<StatusCode, StatusResponse> {
    let text = body::text(&headers, &sent)?;
    ingest(&sdks, &visitor.snapshot, (D::KIND, &sent), &headers, &text).await
}

/// Takes in the events that `text` holds and that came by this sort of key as `sent`; a repeated delivery is named by the SDK's own id, or by its text.
pub(crate) async fn ingest(
    sdks: &Sdks,
    snapshot: &EnvironmentSnapshot,
    (kind, sent): (KeyKind, &[u8]),
    headers: &HeaderMap,
    text: &str,
) -> Result<StatusCode, StatusResponse> {
    let Translated { mut batch, malformed } = translate::events(text).map_err(|error| StatusResponse::bad(&error))?;
    if malformed > 0 {
        tracing::warn!(environment = %snapshot.place, malformed, "events that could not be read were left out");
    }
    batch.payload_id = body::payload_id(headers, text.as_bytes()).map(Into::into);
    batch.original = Some(body::original(kind, headers, sent));
    match sdks.intake.ingest(&snapshot.place, batch).await {
        Ok(()) => {
            sdks.tail.tell(&snapshot.place, |now| live::events(text, &sighting::of(headers), now));
            Ok(StatusCode::ACCEPTED)
        }
        Err(error) => {
            tracing::error!(error = %error, "an event batch could not be stored; the SDK is asked to send it again");
            Err(StatusResponse::away())
        }
    }
}

/// Takes note of what the SDK says of itself; the rest of a diagnostic is not kept.
pub(crate) async fn receive_diagnostic<D: Door>(
    State(sdks): State<Sdks>,
    visitor: Visitor<D>,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<StatusCode, StatusResponse> {
    let text = body::text(&headers, &sent)?;
    let told = Diagnostic::of(&text);
    let platform = told.platform();
    let sighting = told.add_to(sighting::of(&headers), &platform);
    sdks.register.see(&visitor.snapshot.place, D::KIND, &sighting, Transport::Events);
    Ok(StatusCode::ACCEPTED)
}
