use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal in Twilio's form: `{"code","message","more_info","status"}`.
pub(crate) struct Refused {
    code: u32,
    status: StatusCode,
    message: Cow<'static, str>,
}

impl Refused {
    pub(crate) fn new(code: u32) -> Self {
        let (status, message) = describe(code);
        Self {
            code,
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            message: message.into(),
        }
    }

    /// The refusal that goes with an HTTP status.
    pub(crate) fn with_status(status: u16) -> Self {
        let code = match status {
            401 => 20003,
            403 => 20008,
            404 => 20404,
            429 => 20429,
            503 => 20503,
            _ => 20500,
        };
        Self::new(code).status(Some(status))
    }

    /// Another HTTP status than the usual one of the code.
    pub(crate) fn status(mut self, status: Option<u16>) -> Self {
        if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
            self.status = status;
        }
        self
    }

    /// Twilio's messages echo the number that they complain about.
    pub(crate) fn about(mut self, number: &str) -> Self {
        self.message = format!("{}: {number}", self.message).into();
        self
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        });
        let mut response = (self.status, Json(body)).into_response();
        let code = HeaderValue::from(self.code);
        response.headers_mut().insert("x-twilio-error-code", code);
        response
    }
}

/// The usual HTTP status of an error code and what it says.
fn describe(code: u32) -> (u16, &'static str) {
    match code {
        20001 => (400, "Unknown parameters"),
        20003 => (401, "Authenticate"),
        20004 => (405, "Method not allowed"),
        20005 => (401, "Account not active"),
        20006 => (403, "Access denied"),
        20008 => (403, "Resource not accessible with Test Account Credentials"),
        20009 => (400, "Cannot delete this resource before it is complete"),
        20404 => (404, "The requested resource was not found"),
        20429 => (429, "Too Many Requests"),
        20500 => (500, "Internal Server Error"),
        20503 => (503, "Service Unavailable"),
        21211 => (400, "Invalid 'To' Phone Number"),
        21212 => (400, "Invalid 'From' Phone Number"),
        21408 => (
            400,
            "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
        ),
        21502 => (400, "The 'SmsUrl' is not a valid URL"),
        21602 => (400, "Message body is required"),
        21603 => (
            400,
            "A 'From' or 'MessagingServiceSid' parameter is required to send a message",
        ),
        21604 => (400, "A 'To' phone number is required"),
        21606 => (
            400,
            "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination",
        ),
        21608 => (
            400,
            "The number is unverified. Trial accounts cannot send messages to unverified numbers",
        ),
        21609 => (400, "The 'StatusCallback' URL is not a valid URL"),
        21610 => (400, "Attempt to send to unsubscribed recipient"),
        21611 => (
            400,
            "The 'From' number has exceeded the maximum number of queued messages",
        ),
        21612 => (
            400,
            "The 'To' phone number is not currently reachable using the 'From' phone number",
        ),
        21614 => (400, "The 'To' number is not a valid mobile number"),
        21617 => (
            400,
            "The concatenated message body exceeds the 1600 character limit",
        ),
        21620 => (400, "Invalid media URL(s)"),
        21623 => (400, "Number of media files exceeds allowed limit"),
        21624 => (400, "Invalid validity period value"),
        21701 => (404, "The Messaging Service does not exist"),
        21703 => (
            400,
            "The Messaging Service contains no phone numbers suitable for this recipient",
        ),
        21705 => (400, "The Messaging Service Sid is invalid"),
        30400 => (400, "Parameters are not valid"),
        30409 => (409, "This message cannot be canceled"),
        63038 => (429, "Account exceeded the daily messages limit"),
        70051 => (403, "Authorization failed"),
        _ => (400, "The message was refused"),
    }
}
