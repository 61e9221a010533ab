use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashingError {
    #[error("the password could not be hashed")]
    Failed(#[source] argon2::Error),
    #[error("a password hash cannot be read or written")]
    Form(#[source] argon2::password_hash::phc::Error),
    #[error("the parameters of a password hash cannot be read")]
    Parameters(#[source] argon2::password_hash::Error),
}

/// What is said of a password and a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// It is right, but would be hashed otherwise today.
    Outdated,
}

/// One thread's means of hashing: its memory grows to what a hash needs, once.
#[derive(Default)]
pub(super) struct Hasher {
    memory: Vec<Block>,
}

impl Hasher {
    pub(super) fn hash(&mut self, password: &SecretString) -> Result<String, HashingError> {
        let params = Params::DEFAULT;
        let salt = Salt::generate();
        let output = self.compute(password, &salt, &params, Params::DEFAULT_OUTPUT_LEN)?;
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).map_err(HashingError::Parameters)?,
            salt: Some(salt),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    /// Without a hash the answer is no, at the same cost.
    pub(super) fn verify(
        &mut self,
        password: &SecretString,
        hash: Option<&str>,
    ) -> Result<Verdict, HashingError> {
        let Some(hash) = hash else {
            self.hash(password)?;
            return Ok(Verdict::Wrong);
        };
        let hash = PasswordHash::new(hash).map_err(HashingError::Form)?;
        // The parameters are those of the time when the hash was made.
        let params = Params::try_from(&hash).map_err(HashingError::Parameters)?;
        let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
            return Ok(Verdict::Wrong);
        };
        let output = self.compute(password, salt, &params, expected.len())?;
        // `Output` compares in constant time.
        if output != *expected {
            return Ok(Verdict::Wrong);
        }
        Ok(if is_of_today(&hash)? {
            Verdict::Right
        } else {
            Verdict::Outdated
        })
    }

    fn compute(
        &mut self,
        password: &SecretString,
        salt: &Salt,
        params: &Params,
        length: usize,
    ) -> Result<Output, HashingError> {
        let blocks = params.block_count();
        if self.memory.len() < blocks {
            self.memory.resize(blocks, Block::new());
        }
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..length).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(
                password.expose_secret().as_bytes(),
                salt,
                output,
                &mut self.memory[..blocks],
            )
            .map_err(HashingError::Failed)?;
        Output::new(output).map_err(HashingError::Form)
    }
}

/// Whether a new hash would be made in the same way.
fn is_of_today(hash: &PasswordHash) -> Result<bool, HashingError> {
    let params = ParamsString::try_from(&Params::DEFAULT).map_err(HashingError::Parameters)?;
    let length = hash.hash.as_ref().map(Output::len);
    Ok(hash.algorithm == ARGON2ID_IDENT
        && hash.version == Some(Version::V0x13.into())
        && hash.params == params
        && length == Some(Params::DEFAULT_OUTPUT_LEN))
}
