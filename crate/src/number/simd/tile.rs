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
}
