//! What is stored? JDs as the engine keeps them, the same in every run. All bytes are random: vectors and compressed texts
//! are, and so nothing here is made smaller by a store's own compression.

/// JDs in a batch, which is one commit.
pub const BATCH: u64 = 100;
/// Bytes of features: ids and vectors of a JD.
pub const FEATURES: usize = 4_500;
/// Bytes of a JD's text, compressed.
pub const TEXT: usize = 1_600;
/// Bytes of a fact: what was said of a JD.
pub const FACT: usize = 700;

/// splitmix64: small, good enough, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

/// The key of the n-th JD: a hash of its id, so that keys come in no order.
pub fn key(n: u64) -> [u8; 8] {
    Random(n ^ 0xA5A5_0000).next().to_be_bytes()
}

/// One JD's records.
pub struct Jd {
    pub key: [u8; 8],
    pub features: Vec<u8>,
    pub text: Vec<u8>,
    pub fact: Vec<u8>,
}

/// The n-th JD as it stands after so many corrections.
pub fn jd(n: u64, version: u64) -> Jd {
    let mut random = Random(n.wrapping_mul(31) ^ (version << 56) ^ 0x5EED);
    Jd { key: key(n), features: random.bytes(FEATURES), text: random.bytes(TEXT), fact: random.bytes(FACT) }
}

/// What is committed together.
pub struct Batch {
    pub jds: Vec<Jd>,
    /// How far the source has been read with it.
    pub offset: u64,
}

/// The JDs from this on, as they first come.
pub fn batch(from: u64) -> Batch {
    Batch { jds: (from..from + BATCH).map(|n| jd(n, 0)).collect(), offset: from + BATCH }
}
