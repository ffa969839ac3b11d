/// Which products a build can round together with their sums.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fuses {
    /// None: the set has no instruction for it.
    Never,
    /// Those of a program that asks for it.
    WhereAsked,
    /// All: a build that is made for it.
    Always,
}

/// Bytes of a page of memory.
pub const PAGE: usize = 4096;

/// What a product keeps in the registers of an instruction set.
pub struct Tile {
    /// Rows of a tile of C.
    pub rows: usize,
    /// Vectors across it.
    pub vectors: usize,
    /// Steps of k in a turn of the loop over a whole tile: 2, 8, 12 or 16.
    pub steps: usize,
    /// Whether each step is divided into two basic blocks, for a compiler that puts all loads of one before its
    /// arithmetic.
    pub splits_steps: bool,
    pub fuses: Fuses,
    /// Bytes that `rows` rows of A and a panel of B take in a block, most of a first-level cache: with fewer, C comes and
    /// goes more often, and with more they push each other out.
    pub panel_bytes: usize,
    /// Up to this many columns of C, an A whose rows are contiguous is read where it lies: packing it costs more than its
    /// rows' lines, far from each other, cost the microkernel.
    pub columns_in_place: usize,
    /// But of an A whose columns are contiguous, a block of k that is read where it lies spans at most as many bytes: half of
    /// the pages whose addresses the first-level TLB holds, or more where the tile is so large that a second-level one
    /// gives them in time.
    pub span_in_place: usize,
    /// Bytes of a block of B, half of a second-level cache or so: the more, the less often A is packed.
    pub block_bytes: usize,
}
