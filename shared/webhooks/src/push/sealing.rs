//! What only the browser can read: <https://www.rfc-editor.org/rfc/rfc8291>, in the form of
//! <https://www.rfc-editor.org/rfc/rfc8188>.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use mysms_core::domain::BrowserKeys;

/// All that is sealed is one record, because push services take no more than this.
const RECORD: u32 = 4096;

/// What can be sealed: a record has a header of 86 bytes, a mark of its end, and a tag of 16.
pub(super) const LONGEST: usize = RECORD as usize - 86 - 1 - 16;

/// The record is the last one, and nothing is appended to fill it up.
const END: u8 = 2;

/// It is longer than [`LONGEST`], or the browser's key is none.
#[derive(Debug, thiserror::Error)]
#[error("what a browser is to be told cannot be sealed for it")]
pub(super) struct NotSealed;

/// Seals what is told to a browser, each time with other keys of ours.
pub(super) fn seal(keys: &BrowserKeys, plain: &[u8]) -> Result<Vec<u8>, NotSealed> {
    let own = PrivateKey::generate(&ECDH_P256).map_err(|Unspecified| NotSealed)?;
    seal_with(keys, plain, &own, rand::random())
}

fn seal_with(
    keys: &BrowserKeys,
    plain: &[u8],
    own: &PrivateKey,
    salt: [u8; 16],
) -> Result<Vec<u8>, NotSealed> {
    if plain.len() > LONGEST {
        return Err(NotSealed);
    }
    let public = own.compute_public_key().map_err(|Unspecified| NotSealed)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, keys.public());
    let shared = agree(own, theirs, Unspecified, |secret| {
        let info = [b"WebPush: info\0", keys.public(), public.as_ref()];
        let shared = Salt::new(HKDF_SHA256, keys.secret()).extract(secret);
        derived::<32>(&shared, &info)
    });
    let record = shared.and_then(|shared| sealed_record(&shared, &salt, plain));
    let record = record.map_err(|Unspecified| NotSealed)?;
    let length = u8::try_from(public.as_ref().len()).map_err(|_| NotSealed)?;
    let parts = [
        &salt,
        &RECORD.to_be_bytes()[..],
        &[length],
        public.as_ref(),
        &record,
    ];
    Ok(parts.concat())
}

fn sealed_record(shared: &[u8], salt: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let secret = Salt::new(HKDF_SHA256, salt).extract(shared);
    let key: [u8; 16] = derived(&secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derived(&secret, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    let mut record = [plain, &[END]].concat();
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;
    Ok(record)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derived<const LENGTH: usize>(secret: &Prk, info: &[&[u8]]) -> Result<[u8; LENGTH], Unspecified> {
    let mut bytes = [0; LENGTH];
    secret.expand(info, Length(LENGTH))?.fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

    use super::*;

    /// The example of RFC 8291, section 5 and appendix A.
    const OURS: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    const THEIRS: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
    const PLAIN: &[u8] = b"When I grow up, I want to be a watermelon";
    const SEALED: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

    fn keys() -> BrowserKeys {
        let public = BrowserKeys::parse_public(THEIRS).unwrap();
        BrowserKeys::new(public, BrowserKeys::parse_secret(AUTH).unwrap())
    }

    #[test]
    fn the_example_of_rfc_8291_comes_out() {
        let own = BASE64.decode(OURS).unwrap();
        let own = PrivateKey::from_private_key(&ECDH_P256, &own).unwrap();
        let salt = BASE64.decode(SALT).unwrap().try_into().unwrap();
        let sealed = seal_with(&keys(), PLAIN, &own, salt).unwrap();
        assert_eq!(BASE64.encode(sealed), SEALED);
    }

    #[test]
    fn nothing_is_sealed_twice_in_the_same_way_and_all_fits_a_record() {
        let one = seal(&keys(), PLAIN).unwrap();
        assert_ne!(one, seal(&keys(), PLAIN).unwrap());
        let longest = seal(&keys(), &[b'a'; LONGEST]).unwrap();
        assert_eq!(longest.len(), RECORD as usize);
        assert!(seal(&keys(), &[b'a'; LONGEST + 1]).is_err());
    }

    #[test]
    fn a_key_that_is_no_point_of_the_curve_gets_nothing() {
        let mut public = [1; 65];
        public[0] = 4;
        assert!(seal(&BrowserKeys::new(public, [2; 16]), PLAIN).is_err());
    }
}
