//! The inner loop of a scan, for every processor; src/wide/kernel.zig is the same for wider vectors.

/// Clears the bits in `masks`, one a row, of rows whose code does not lie in `low`…`low` + `span`;
/// 0 where none is left. There are 64 codes for each mask.
pub fn keep(comptime Code: type, codes: [*]align(1) const Code, low: Code, span: Code, masks: []u64) u64 {
    const Codes = @Vector(64, Code);
    var any: u64 = 0;
    for (masks, 0..) |*mask, number| {
        const block: Codes = codes[number * 64 ..][0..64].*;
        mask.* &= @as(u64, @bitCast((block -% @as(Codes, @splat(low))) <= @as(Codes, @splat(span))));
        any |= mask.*;
    }
    return any;
}
