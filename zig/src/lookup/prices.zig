//! What one piece of a part costs, by how many are bought.
const std = @import("std");
const format = @import("format.zig");

pub const Error = error{DamagedIndex};

/// A family's prices, as the index has them.
pub const Prices = struct {
    /// The code that stands for no price: the one after the last.
    unknown: u32,
    offsets: []const u32,
    text: []const u8,
    tier_starts: []const u32,
    tiers: []const format.Tier,
    orders: []const u32,

    /// The code of a row's price when `quantity` pieces are bought.
    pub fn at(prices: *const Prices, row: u32, quantity: u32) Error!u32 {
        return prices.checked(priceAt(prices.of(row), quantity, prices.unknown));
    }

    /// The code of a row's lowest price at any quantity of a band.
    pub fn lowest(prices: *const Prices, row: u32, band: usize) Error!u32 {
        return prices.checked(lowestIn(prices.of(row), band, prices.unknown));
    }

    /// A price as JSON; `null` where none is known.
    pub fn textOf(prices: *const Prices, code: u32) Error![]const u8 {
        if (code > prices.unknown) return error.DamagedIndex;
        return prices.text[prices.offsets[code]..prices.offsets[code + 1]];
    }

    /// Rows by their lowest price in the band, then by rank.
    pub fn order(prices: *const Prices, band: usize) []const u32 {
        const rows = prices.orders.len / format.price_band_count;
        return prices.orders[band * rows ..][0..rows];
    }

    fn of(prices: *const Prices, row: u32) []const format.Tier {
        return prices.tiers[prices.tier_starts[row]..prices.tier_starts[row + 1]];
    }

    fn checked(prices: *const Prices, code: u32) Error!u32 {
        return if (code > prices.unknown) error.DamagedIndex else code;
    }
};

/// The code of the last tier that begins at `quantity` or below; fewer pieces than the first tier
/// asks for cost what it says.
pub fn priceAt(tiers: []const format.Tier, quantity: u32, unknown: u32) u32 {
    if (tiers.len == 0) return unknown;
    var code = tiers[0].code;
    for (tiers[1..]) |tier| {
        if (tier.quantity > quantity) break;
        code = tier.code;
    }
    return code;
}

/// The lowest code at any quantity of a band. Prices need not fall with the quantity.
pub fn lowestIn(tiers: []const format.Tier, band: usize, unknown: u32) u32 {
    var code = priceAt(tiers, if (band == 0) 0 else format.price_bands[band - 1], unknown);
    for (tiers) |tier| {
        const begins = band == 0 or tier.quantity >= format.price_bands[band - 1];
        const ends = band < format.price_bands.len and tier.quantity >= format.price_bands[band];
        if (begins and !ends) code = @min(code, tier.code);
    }
    return code;
}

/// The band that a quantity lies in.
pub fn bandOf(quantity: u32) usize {
    var band: usize = 0;
    while (band < format.price_bands.len and quantity >= format.price_bands[band]) band += 1;
    return band;
}

const testing = std.testing;

test "a price holds from its tier's quantity on" {
    const tiers = [_]format.Tier{ .{ .quantity = 5, .code = 7 }, .{ .quantity = 10, .code = 3 }, .{ .quantity = 20, .code = 4 } };
    for ([_]u32{ 0, 1, 9, 10, 19, 20, 1 << 31 }, [_]u32{ 7, 7, 7, 3, 3, 4, 4 }) |quantity, code| {
        try testing.expectEqual(code, priceAt(&tiers, quantity, 9));
    }
    try testing.expectEqual(9, priceAt(&.{}, 1, 9));
    try testing.expectEqual(7, lowestIn(&tiers, 0, 9));
    try testing.expectEqual(3, lowestIn(&tiers, 1, 9));
    try testing.expectEqual(4, lowestIn(&tiers, 2, 9));
    try testing.expectEqual(9, lowestIn(&.{}, 2, 9));
}

test "no price in a band is below its lowest" {
    var prng: std.Random.DefaultPrng = .init(4);
    const random = prng.random();
    for (0..500) |_| {
        var tiers: [5]format.Tier = undefined;
        var quantity: u32 = 0;
        for (&tiers) |*tier| {
            quantity += random.intRangeAtMost(u32, 1, 4000);
            tier.* = .{ .quantity = quantity, .code = random.uintLessThan(u32, 20) };
        }
        for (0..60) |_| {
            const asked = random.uintAtMost(u32, 16000);
            const lowest = lowestIn(&tiers, bandOf(asked), 99);
            try testing.expect(lowest <= priceAt(&tiers, asked, 99));
        }
    }
}

test "bands begin at their limits" {
    for ([_]u32{ 0, 9, 10, 99, 100, 10_000, 1 << 31 }, [_]usize{ 0, 0, 1, 2, 3, 7, 7 }) |quantity, band| {
        try testing.expectEqual(band, bandOf(quantity));
    }
}
