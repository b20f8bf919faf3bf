//! Pages as webhooks: a POST, signed as Standard Webhooks are (<https://www.standardwebhooks.com>, `oncall.md` §2.9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use kernel::Timestamp;
use sha2::Sha256;
use url::Url;

use crate::http::{CallError, Http};

/// Why a webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// What is stored as its URL is none.
    #[error("its URL is not valid")]
    BadUrl,
    /// What is stored as its secret is none.
    #[error("its signing secret is not valid")]
    BadSecret,
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It was answered with something else than success; a redirect is not followed.
    #[error("it answered {0}")]
    Status(u16),
}

/// What is sent, and how its receiver knows it.
#[derive(Clone, Copy, Debug)]
pub struct Webhook<'a> {
    /// The idempotency key, the same in every attempt.
    pub id: &'a str,
    /// Where to.
    pub url: &'a str,
    /// `whsec_` and the base64 of the signing key.
    pub secret: &'a str,
    /// The body.
    pub body: &'a serde_json::Value,
}

/// Sends it; only a 2xx is success.
pub async fn send(http: &Http, webhook: Webhook<'_>, now: Timestamp) -> Result<(), WebhookError> {
    let url = Url::parse(webhook.url).map_err(|_| WebhookError::BadUrl)?;
    let body = webhook.body.to_string();
    let timestamp = now.as_millis().div_euclid(1_000);
    let signature = sign(webhook.secret, webhook.id, timestamp, &body).ok_or(WebhookError::BadSecret)?;
    let request = http
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", webhook.id)
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", signature)
        .body(body)
        .build()
        .map_err(|_| WebhookError::BadUrl)?;
    let status = http.send(request).await?.status();
    if status.is_success() { Ok(()) } else { Err(WebhookError::Status(status.as_u16())) }
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; `None` when the secret is none.
fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_published_vector_of_standard_webhooks_says() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for wrong in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*"] {
            assert_eq!(sign(wrong, "msg_1", 0, ""), None, "{wrong}");
        }
    }
}
