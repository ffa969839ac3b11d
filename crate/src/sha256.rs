//! SHA-256: the checksum of model files and data sets, taken up as the bytes come.

use sha2::{Digest, Sha256};

/// A new hash, known to its owner by its address.
///
/// Source: FIPS 180-4, section 6.2.
pub fn start() -> usize {
    Box::into_raw(Box::new(Sha256::new())) as usize
}

/// Takes up more bytes.
///
/// # Safety
/// `start` returned `hash`, which was not finished since.
pub unsafe fn update(hash: usize, bytes: &[u8]) {
    // SAFETY: the caller's contract.
    unsafe { &mut *(hash as *mut Sha256) }.update(bytes);
}

/// The digest of all bytes. The hash is gone afterwards.
///
/// # Safety
/// As for `update`.
pub unsafe fn finish(hash: usize) -> [u8; 32] {
    // SAFETY: the caller's contract.
    unsafe { Box::from_raw(hash as *mut Sha256) }.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of FIPS 180-4's companion: SHA-256("abc"), here in two parts.
    #[test]
    fn parts_hash_as_the_whole() {
        let hash = start();
        // SAFETY: just started, finished once.
        let digest = unsafe {
            update(hash, b"a");
            update(hash, b"bc");
            finish(hash)
        };
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}
