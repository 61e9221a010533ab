use twilio_sim::sign;

const CALL: [(&str, &str); 5] = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];

/// Cases from the provider's documentation and from the tests of its client libraries.
#[test]
fn signs_like_the_provider() {
    let page = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let from_page = |params: &[(&str, &str)]| sign("12345", page, params);
    assert_eq!(from_page(&CALL), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert_eq!(from_page(&[]), "zYQTYrRWXE7LtzbG4PfP7/bkkGo=");

    let mut documented = CALL.map(|(name, value)| match name {
        "Caller" | "From" => (name, "+14158675310"),
        _ => (name, value),
    });
    documented.reverse();
    let url = "https://example.com/myapp.php?foo=1&bar=2";
    assert_eq!(
        sign("12345", url, &documented),
        "L/OH5YylLD5NRKLltdqwSvS0BnU="
    );

    let doubled = [
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ];
    assert_eq!(from_page(&doubled), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");

    let mut prefixed = CALL.to_vec();
    prefixed.push(("ReasonConferenceEnded", "test"));
    prefixed.push(("Reason", "Participant"));
    assert_eq!(from_page(&prefixed), "vOEb5UThFn24KEfnOFLQY2AE5FY=");

    let special = [
        ("Message", "Hello & goodbye! @#$%^*()"),
        ("From", "+1 (415) 867-5309"),
        ("Special", "unicode: ñáéíóú"),
    ];
    assert_eq!(from_page(&special), "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=");

    let empty = [
        ("Digits", ""),
        ("CallSid", "CA1234567890ABCDE"),
        ("EmptyParam", ""),
    ];
    assert_eq!(from_page(&empty), "9HHp/OqQMEwdrVebHDdA/+tqjX8=");

    let cases = [
        ("callSid", "lowercase"),
        ("CallSid", "uppercase"),
        ("CALLSID", "allcaps"),
    ];
    assert_eq!(from_page(&cases), "jDK7WKT8wiNrwggd4ceTv4e1MJ4=");

    let with_port = "https://mycompany.com:443//myapp.php?foo=1&bar=2";
    assert_eq!(
        sign("12345", with_port, &CALL),
        "A9lH3u16NjyiiM/+wylw5rirFUs="
    );
    let with_port = "http://mycompany.com:1234/myapp.php?foo=1&bar=2";
    assert_eq!(
        sign("12345", with_port, &CALL),
        "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="
    );
}
