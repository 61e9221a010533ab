//! How the domain's values are written in JSON. The domain itself knows of no document, so its types
//! have doubles here, for `#[schema(value_type = …)]`.

use mysms_core::domain;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr, Required};

/// The example of a request's name.
pub const REQUEST_ID: &str = "6f1c8f0e-0b1c-4f4e-9f57-3f0b8a0c9d11";

/// The username of the examples, `john_doe`, as it stands in paths.
pub const USERNAME_HASH: &str = "99682b662166cd8e4adc60d43c67b7a8227b3cdd74452dbdf71b6ca42a366363";

/// The message of the examples.
pub const MESSAGE_ID: &str = "019b76da-a878-7000-8000-000000000001";

/// The text of the examples that belongs to nobody.
pub const RECEIVED_ID: &str = "019b76da-a878-7000-8000-000000000002";

/// The received message of the examples that brings a picture.
pub const PICTURE_ID: &str = "019b76da-a878-7000-8000-000000000003";

/// The session of the examples.
pub const SESSION_ID: &str = "2f0a6a0e-4c0d-4a53-9a35-0d5e5d2c7b11";

/// The webhook of the examples.
pub const ENDPOINT_ID: &str = "019b76da-a878-7000-8000-0000000000e1";

/// The upload of the examples.
pub const UPLOAD_ID: &str = "019b76da-a878-7000-8000-0000000000f1";

/// The template of the examples.
pub const TEMPLATE_ID: &str = "019b76da-a878-7000-8000-0000000000d1";

/// The pattern of what is not blank, and has no U+0000.
const WORDS: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";

/// The key of the examples.
pub const KEY_ID: &str = "k3y2a7bcd5efgh6i";

/// Makes a named schema of each description. In brackets stand the types that it refers to by their
/// names, so that they are in the document, too.
#[macro_export]
macro_rules! schemas {
    ($($(#[doc = $doc:literal])+ $name:ident $([$($part:path),+])? => $schema:expr;)+) => {
        $(
            $(#[doc = $doc])+
            pub enum $name {}

            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    let description = concat!($($doc),+).trim();
                    let schema = $schema.description(Some(description)).build();
                    utoipa::openapi::RefOr::T(schema.into())
                }
            }

            impl utoipa::ToSchema for $name {
                fn schemas(
                    _known: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
                ) {
                    $($(
                        let name = <$part as utoipa::ToSchema>::name().into_owned();
                        _known.push((name, <$part as utoipa::PartialSchema>::schema()));
                        <$part as utoipa::ToSchema>::schemas(_known);
                    )+)?
                }
            }
        )+
    };
}
pub use crate::schemas;

schemas! {
    /// An instant in UTC: RFC 3339 with `Z` and milliseconds.
    Timestamp => text("2026-01-31T12:00:00.000Z").format(Some(form("date-time")));

    /// When to send: an RFC 3339 timestamp with any offset, in the future and at most 35 days
    /// ahead. What it has beyond milliseconds is cut off.
    SendAt => text("2026-01-31T12:00:00+01:00").format(Some(form("date-time")));

    /// A date and a time as a clock on the wall shows them, without an offset, at most 35 days ahead. One
    /// that the clocks skip is the moment at which they do; one that they show twice is the first.
    LocalTime => text("2026-01-31T09:00:00")
        .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"));

    /// A time zone by the name of an area and a place in the IANA database, or `UTC`.
    TimeZone => text("America/Los_Angeles");

    /// What a text leaves from: a phone number, a short code, a name of at most 11 letters and digits, or
    /// the id of a Messaging Service.
    SenderAddress => text("+15005550006").min_length(Some(1)).max_length(Some(64));

    /// A sender with a rate sends `otp` (somebody waits for it) before `transactional`, and that before
    /// `bulk`; what has to wait keeps at least a tenth of the rate.
    Class => text("transactional").enum_values(Some(domain::Class::ALL.map(domain::Class::as_str)));

    /// What kind of sender it is.
    SenderKind => text("long_code")
        .enum_values(Some(domain::SenderKind::ALL.map(domain::SenderKind::as_str)));

    /// `active`; `draining`: it takes no new texts, and what waits still leaves.
    SenderState => text("active").enum_values(Some(["active", "draining"]));

    /// What somebody said of texts: `withdrawn`, they want no more; `given`, they want them; `maybe`, they wrote
    /// what only looks like a STOP, which changes nothing until somebody decides.
    Consent => text("withdrawn")
        .enum_values(Some(domain::Consent::ALL.map(domain::Consent::as_str)));

    /// From where it is known: `text`, the words of a text that they wrote; `provider`, how the provider
    /// understood one; `refusal`, the provider refused a text to them; `operator`; `user`, by this API;
    /// `import`, a list that an operator imported; `earlier`, from before it was kept.
    ConsentSource => text("text")
        .enum_values(Some(domain::ConsentSource::ALL.map(domain::ConsentSource::as_str)));

    /// A country by its ISO 3166-1 code.
    Country => text("US").pattern(Some("^[A-Z]{2}$"));

    /// A time of day, to the minute.
    TimeOfDay => text("21:00").pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"));

    /// Times of the week in which nothing but login codes is sent, by the clocks of where the recipient is,
    /// or of `time_zone` if that is not known. A window that ends no later than it begins ends on the next
    /// day; one without `days` begins on each.
    QuietHours [QuietWindow, TimeZone] => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("windows", ArrayBuilder::new()
            .items(reference::<QuietWindow>())
            .max_items(Some(domain::MOST_WINDOWS)))
        .property("time_zone", reference::<TimeZone>())
        .required("windows")
        .required("time_zone");

    /// A time of the week.
    QuietWindow [TimeOfDay] => {
        let day = text("mon").enum_values(Some(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("days", ArrayBuilder::new().items(day).min_items(Some(1)))
            .property("from", reference::<TimeOfDay>())
            .property("to", reference::<TimeOfDay>())
            .required("from")
            .required("to")
    };

    /// A whole number of seconds from 60 to 86,400.
    ValiditySeconds => ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(60))
        .maximum(Some(86_400))
        .examples([json!(600)]);

    /// A moment: an RFC 3339 timestamp with any offset. What it has beyond milliseconds is cut off.
    Moment => text("2026-01-01T00:00:00Z").format(Some(form("date-time")));

    /// One status or more of `queued`, `sending`, `accepted`, `sent`, `canceled`, `failed`,
    /// `undelivered` and `delivered`, with commas between.
    Statuses => {
        let word = domain::Status::ALL.map(domain::Status::as_str).join("|");
        text("queued,sending").pattern(Some(format!("^({word})(,({word}))*$")))
    };

    /// The id of a message. Their order is the order in which the messages were accepted.
    MessageId => text(MESSAGE_ID).format(Some(form("uuid")));

    /// Where a message stands in its conversation: compared as texts, positions are in the order of the
    /// conversation, and any of them can be the `cursor` of a part of it. It is the id of the message until
    /// that goes out later than it was written, because it was scheduled or had to wait for more than a minute.
    Position => text(MESSAGE_ID).format(Some(form("uuid")));

    /// The id of a text that was received.
    ReceivedId => text(RECEIVED_ID).format(Some(form("uuid")));

    /// The id of a message that was received.
    PictureId => text(PICTURE_ID).format(Some(form("uuid")));

    /// The id of a session.
    SessionId => text(SESSION_ID).format(Some(form("uuid")));

    /// The id of an API key, by which nobody gets in.
    KeyId => text(KEY_ID).pattern(Some("^[a-z2-7]{16}$"));

    /// What a key is called: 1 to 64 characters without control characters.
    KeyName => text("shop backend").min_length(Some(1)).max_length(Some(64));

    /// What a key may do.
    Scope => text("messages:send")
        .enum_values(Some(domain::Scope::ALL.map(domain::Scope::as_str)));

    /// `live` sends to everybody, `team` to the numbers of the team alone, `test` to nobody.
    KeyMode => text("live").enum_values(Some(domain::Mode::ALL.map(domain::Mode::as_str)));

    /// A whole key. The last 6 characters are a check sum, so that scanners can tell it from noise.
    ApiKeyText => text("mk_live_k3y2a7bcd5efgh6i_0000000000000000000000000000000000000000000000000")
        .pattern(Some("^mk_(live|team|test)_[a-z2-7]{16}_[0-9A-Za-z]{49}$"));
    /// The id of a webhook.
    EndpointId => text(ENDPOINT_ID).format(Some(form("uuid")));

    /// An `https` URL without user, password and fragment, at a host and a port that webhooks may go to
    /// here. It may have a secret in it, so treat it as one.
    EndpointUrl => text("https://1.1.1.1/sms")
        .format(Some(form("uri")))
        .min_length(Some(1))
        .max_length(Some(2048));

    /// What an event tells: a text was received; a message changed; a message was deleted.
    EventType => text("message.updated")
        .enum_values(Some(domain::EventType::OFFERED.map(domain::EventType::as_str)));

    /// The type of an event: one of those that a webhook is told of, or a `test`.
    AnyEventType => text("message.updated")
        .enum_values(Some(domain::EventType::ALL.map(domain::EventType::as_str)));

    /// What names an event wherever it is told: the `webhook-id`.
    EventId => text("msg_019b76da-a878-7000-8000-000000000001_4");

    /// `whsec_` and the base64 of 24 to 64 bytes: the key that events are signed with.
    WebhookSecret => text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").pattern(Some("^whsec_[A-Za-z0-9+/]{32,86}={0,2}$"));

    /// Whether a webhook is told: `active`; `failing`, if it has taken nothing since it was last tried;
    /// `disabled`.
    EndpointState => text("active").enum_values(Some(["active", "failing", "disabled"]));

    /// By what a webhook was disabled: its `owner`; `gone`, its answer 410; `failing`, five days of nothing
    /// but failures.
    DisabledBy => text("owner")
        .enum_values(Some(domain::DisabledBy::ALL.map(domain::DisabledBy::as_str)));

    /// Why there was no answer.
    PostFailure => text("timeout")
        .enum_values(Some(domain::PostFailure::ALL.map(domain::PostFailure::as_str)));

    /// From where an enabled webhook goes on: from its `place`, or from `now`.
    GoOnFrom => text("place").enum_values(Some(["place", "now"]));

    /// The lower-case hexadecimal SHA-256 of a trimmed lower-case username.
    UsernameHash => text(USERNAME_HASH).pattern(Some("^[0-9a-f]{64}$"));

    /// 3 to 64 ASCII letters, digits, `.`, `_`, `-` or `@`. White space around it is dropped, and
    /// case does not matter.
    Username => text("john_doe").pattern(Some(r"^\s*[A-Za-z0-9._@-]{3,64}\s*$"));

    /// 8 to 128 characters, not the username, and, where texts cost money, none of the commonest.
    Password => text("password123")
        .format(Some(form("password")))
        .min_length(Some(8))
        .max_length(Some(128));

    /// What an operator gave to sign up with, once. An empty one is as good as none.
    InviteCode => text("c0ffee00c0ffee00c0ffee00c0ffee00");

    /// The JWT to send as `Authorization: Bearer …`, good for 24 hours.
    Token => text("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl");

    /// A phone number in international form: `+`, then 8 to 15 digits of which the first is not 0.
    /// Spaces, dots, dashes and parentheses are dropped.
    Recipient => text("+14155550123")
        .pattern(Some(r"^[ .()-]*\+[ .()-]*[1-9][ .()-]*([0-9][ .()-]*){7,14}$"));

    /// Whom texts are exchanged with. Only a phone number can be sent to; what is received may also come from
    /// a short code, a name, an address of another channel (`whatsapp:+14155550123`), or something that the
    /// provider could not read. A letter or a digit is in it, and nothing that cannot be seen.
    Address => text("+14155550123")
        .min_length(Some(1))
        .max_length(Some(domain::LONGEST_ADDRESS))
        .pattern(Some(
            r"^[^\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+$",
        ));

    /// The number of a contact; of a phone number any usual notation is taken. A short code, a name and an address of
    /// another channel (`whatsapp:+14155550123`) have contacts, too.
    ContactNumber => text("+14155550123")
        .min_length(Some(1))
        .max_length(Some(domain::LONGEST_ADDRESS));

    /// What a contact is called: 1 to 100 characters without control characters.
    ContactName => text("Anna").min_length(Some(1)).max_length(Some(domain::LONGEST_CONTACT_NAME));

    /// What else is known of a contact: at most 1,000 characters, line breaks among them.
    ContactNote => text("Prefers mornings.").max_length(Some(domain::LONGEST_CONTACT_NOTE));

    /// A label of a contact: 1 to 50 characters without control characters.
    ContactLabel => text("family").min_length(Some(1)).max_length(Some(domain::LONGEST_LABEL));

    /// The id of a template.
    TemplateId => text(TEMPLATE_ID).format(Some(form("uuid")));

    /// What a template is called: 1 to 64 characters without control characters.
    TemplateName => text("On its way").min_length(Some(1)).max_length(Some(domain::LONGEST_TEMPLATE_NAME));

    /// A text in which `{{field}}` stands for what differs: not blank, without U+0000, at most 1,600 UTF-16 units.
    TemplateText => text("Hello {{name}}, your order is on its way.")
        .pattern(Some(WORDS))
        .max_length(Some(1600));

    /// The name of a field: 1 to 64 letters, digits and underscores.
    TemplateField => text("name").min_length(Some(1)).max_length(Some(domain::LONGEST_FIELD_NAME));

    /// A value for each field of a template, by the names of the fields: not blank, without U+0000.
    TemplateFields => ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(Schema::from(text("Anna").pattern(Some(WORDS)))))
        .examples([json!({"name": "Anna"})]);

    /// The text: not blank, without U+0000, at most 1,600 UTF-16 units.
    Content => text("Hello from MySMS!").pattern(Some(WORDS)).max_length(Some(1600));

    /// A file that its user brought.
    UploadId => text(UPLOAD_ID).format(Some(form("uuid")));

    /// The address of a file that its user brought, which is for us alone.
    UploadAddress => text("upload:019b76da-a878-7000-8000-0000000000f1")
        .pattern(Some("^upload:[0-9a-f-]{36}$"));

    /// The `url` of a file that `POST /uploads` took, or the address of a picture or another file elsewhere:
    /// https, without a user name or password, at most 2,048 characters.
    MediaAddress => text("https://example.com/offer.jpg")
        .max_length(Some(2048))
        .pattern(Some(
            r"^(upload:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[Hh][Tt][Tt][Pp][Ss]://([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?([/?#][!-~]*)?)$",
        ));

    /// Where a message is on its way. `failed` may still become `delivered`, because a handset's
    /// receipt is evidence.
    Status => text("queued").enum_values(Some(domain::Status::ALL.map(domain::Status::as_str)));

    /// `GSM-7` takes 160 characters in one segment, `UCS-2` 70.
    Encoding => text("GSM-7").enum_values(Some(
        [domain::Encoding::Gsm7, domain::Encoding::Ucs2].map(domain::Encoding::as_str),
    ));

    /// 1 to 255 visible ASCII characters.
    IdempotencyKey => text("order-4711").pattern(Some("^[!-~]{1,255}$"));

    /// A name of your own for a text, not necessarily a unique one: 1 to 100 characters, no control
    /// characters, and no white space at either end.
    Reference => text("order 4711")
        .min_length(Some(1))
        .max_length(Some(100))
        .pattern(Some(r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"));

    /// A tag as `key:value`.
    Tag => text("order:4711").pattern(Some(r"^[A-Za-z0-9._-]{1,40}:[^\x00-\x1f\x7f-\x9f]{1,100}$"));

    /// What you note on a text, by which it can be found: at most 10 values by their keys. A key is 1 to
    /// 40 ASCII letters, digits, `.`, `_` or `-`.
    Tags => tags();

    /// `outbound` is what a user sent, `inbound` what was received.
    Direction => text("outbound").enum_values(Some(["outbound", "inbound"]));

    /// `outbound` is what a user sent, `inbound` what was received.
    Directions => text("any").enum_values(Some(["outbound", "inbound", "any"]));

    /// 3 to 15 digits that follow each other in a number. Zeros in front, and what people write between digits,
    /// are dropped.
    NumberPart => text("415555")
        .pattern(Some(r"^[ .()/-]*\+?[ .()/0-]*[1-9][ .()/-]*([0-9][ .()/-]*){2,14}$"));

    /// Which conversations are listed.
    Show => text("inbox").enum_values(Some([
        "inbox", "archived", "pinned", "unread", "failed", "waiting",
    ]));

    /// `asc` is oldest first.
    Order => text("desc").enum_values(Some(["asc", "desc"]));

    /// `csv` is a table for spreadsheets, `ndjson` a JSON object on each line.
    ExportFormat => text("csv").enum_values(Some(["csv", "ndjson"]));

    /// Many messages: one content for many recipients, or each with its own.
    Batch [BatchToMany, BatchOfMessages] => OneOfBuilder::new()
        .item(reference::<BatchToMany>())
        .item(reference::<BatchOfMessages>());

    /// One content for many recipients.
    BatchToMany [Recipient, Content, MediaAddress, SendAt, LocalTime, TimeZone, ValiditySeconds,
        SenderAddress, Class, Reference, Tags] => with_terms(
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("recipients", up_to_a_thousand::<Recipient>())
            .property("content", reference::<Content>())
            .required("recipients"),
    );

    /// Messages each with its own content.
    BatchOfMessages [BatchMessage, Reference, Tags] => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("messages", up_to_a_thousand::<BatchMessage>())
        .property("reference", reference::<Reference>())
        .property("tags", reference::<Tags>())
        .required("messages");

    /// One message of a batch.
    BatchMessage [Recipient, Content, TemplateId, TemplateFields, MediaAddress, IdempotencyKey, SendAt, LocalTime, TimeZone, ValiditySeconds,
        SenderAddress, Class, Reference, Tags] => with_terms(
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("recipient", reference::<Recipient>())
            .property("content", reference::<Content>())
            .property("template", reference::<TemplateId>())
            .property("fields", reference::<TemplateFields>())
            .property("idempotency_key", reference::<IdempotencyKey>())
            .required("recipient"),
    );

    /// Bytes; `Content-Type` says of what.
    File => ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));

    /// Counted from 0.
    MediumIndex => ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(9))
        .examples([json!(0)]);

    /// The provider's own id of a message.
    MessageSid => text("SM0123456789abcdef0123456789abcdef")
        .pattern(Some("^(SM|MM)[0-9a-fA-F]{32}$"));
}

/// A parameter in a path, such as `{user}`.
pub fn path_parameter<T: ToSchema>(name: &str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(T::schema()))
        .build()
}

pub fn string() -> Object {
    Object::with_type(Type::String)
}

fn with_terms(message: ObjectBuilder) -> ObjectBuilder {
    let media_urls = ArrayBuilder::new()
        .items(reference::<MediaAddress>())
        .max_items(Some(domain::MOST_MEDIA));
    message
        .property("media_urls", media_urls)
        .property("send_at", reference::<SendAt>())
        .property("send_at_local", reference::<LocalTime>())
        .property("time_zone", reference::<TimeZone>())
        .property("validity_seconds", reference::<ValiditySeconds>())
        .property("from", reference::<SenderAddress>())
        .property("class", reference::<Class>())
        .property("smart_encoding", Object::with_type(Type::Boolean))
        .property("reference", reference::<Reference>())
        .property("tags", reference::<Tags>())
}

fn tags() -> ObjectBuilder {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[A-Za-z0-9._-]{1,40}$"))
        .build();
    let value = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(100))
        .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*$"));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property_names(Some(key))
        .additional_properties(Some(Schema::from(value.build())))
        .max_properties(Some(10))
        .examples([json!({"order": "4711", "shop": "Berlin"})])
}

fn up_to_a_thousand<T: ToSchema>() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(reference::<T>())
        .min_items(Some(1))
        .max_items(Some(1000))
}

/// A type by its name, so that generators make one type of it wherever it stands.
pub fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

fn text(example: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.examples([json!(example)])
}

fn form(name: &str) -> SchemaFormat {
    SchemaFormat::Custom(name.to_owned())
}
