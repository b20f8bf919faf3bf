//! The image beacon: events in the address of a picture, from pages that are being left (`launchdarkly.md` §1.4).

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use delivery::KeyKind;
use http::{HeaderMap, header};

use super::events;
use crate::Sdks;
use crate::context::decode;
use crate::key::{Browser, Visitor};
use crate::status::StatusResponse;

/// The smallest picture there is: one transparent pixel (GIF89a).
const PIXEL: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\
\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// `GET /a/{env}.gif?d=EVENTS`: the events are stored before the picture is sent.
pub(crate) async fn receive(
    State(sdks): State<Sdks>,
    visitor: Visitor<Browser>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, StatusResponse> {
    let query = query.unwrap_or_default();
    let data = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "d").map(|(_, data)| data);
    // A plus sign of the ordinary alphabet has become a space on the way.
    let text = decode(&data.unwrap_or_default().replace(' ', "+"))?;
    events::ingest(&sdks, &visitor.snapshot, (KeyKind::ClientSide, text.as_bytes()), &headers, &text).await?;
    let head = [(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, PIXEL).into_response())
}
