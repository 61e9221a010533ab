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
    ) -> Result<bool, HashingError> {
        let Some(hash) = hash else {
            self.hash(password)?;
            return Ok(false);
        };
        let hash = PasswordHash::new(hash).map_err(HashingError::Form)?;
        // The parameters are those of the time when the hash was made.
        let params = Params::try_from(&hash).map_err(HashingError::Parameters)?;
        let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
            return Ok(false);
        };
        let output = self.compute(password, salt, &params, expected.len())?;
        // `Output` compares in constant time.
        Ok(output == *expected)
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
