//! What pages of any origin may do (CORS; Fetch standard, "HTTP CORS protocol"): routes that look at keys and at no cookie are
//! open to all, since `*` gives nothing away that the key does not.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What one family of SDKs sends and reads in browsers.
#[derive(Clone, Copy, Debug)]
pub struct Cors {
    /// The headers that it sends beside what every page may send, with commas between.
    pub allowed_headers: &'static str,
    /// The headers that it reads beside what every page may read.
    pub exposed_headers: &'static str,
    /// Seconds for which a browser need not ask again.
    pub max_age: &'static str,
}

impl Cors {
    /// Opens an answer, also a refusal.
    pub fn open(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(self.exposed_headers));
        response
    }

    /// What the answer to a browser's question has beside; `methods` are those of the route.
    pub fn preflight(&self, methods: &'static str) -> HeaderMap {
        let pairs: [(HeaderName, &'static str); 3] = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, self.allowed_headers),
            (header::ACCESS_CONTROL_MAX_AGE, self.max_age),
        ];
        pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
    }
}
