//! One question, as ranges of codes: what every kind of filter becomes.
const std = @import("std");
const format = @import("format.zig");
const Family = @import("index.zig").Family;
const Column = @import("index.zig").Column;

pub const limit_default = 50;
pub const limit_max = 500;

/// Bounds and exact values are widened by this share, so that 9.9e3 finds 9900.000000000002.
pub const tolerance = 1e-5;

pub const Query = struct {
    family: *const Family,
    limit: u32,
    stock_min: i64,
    /// Cheapest first, at the quantity that `stock_min` is.
    by_price: bool,
    /// Columns with a filter; a row matches where low <= code <= high, and low >= 1 leaves out NULL.
    active: u64,
    low: [format.columns_max]u32,
    high: [format.columns_max]u32,
    /// Columns whose filter says nearly what another one says, for the estimate alone.
    implied: u64,
    /// No row can match.
    empty: bool,
    /// A column was named that lifts the family's defaults.
    lifted: bool,

    /// Asks for all rows of `family`. In place, since it is too large to be handed about.
    pub fn init(query: *Query, family: *const Family) void {
        query.family = family;
        query.limit = limit_default;
        query.stock_min = 0;
        query.by_price = false;
        query.active = 0;
        query.implied = 0;
        query.empty = false;
        query.lifted = false;
    }

    /// How many pieces are asked for, as tiers count them.
    pub fn quantity(query: *const Query) u32 {
        return @intCast(@min(query.stock_min, std.math.maxInt(u32)));
    }

    /// Keeps rows whose code lies in `low`…`high`, beside what was asked before.
    pub fn restrict(query: *Query, place: u32, low: u32, high: u32) void {
        const bit = @as(u64, 1) << @intCast(place);
        if (query.active & bit == 0) {
            query.active |= bit;
            query.low[place] = low;
            query.high[place] = high;
        } else {
            query.low[place] = @max(query.low[place], low);
            query.high[place] = @min(query.high[place], high);
        }
        std.debug.assert(query.low[place] >= 1);
        if (query.low[place] > query.high[place]) query.empty = true;
    }

    /// The value itself, widened; or the text in any case.
    pub fn restrictReal(query: *Query, place: u32, value: f64) void {
        const column = &query.family.columns[place];
        const margin = @abs(value) * tolerance;
        query.restrict(place, column.below(value - margin) + 1, column.upTo(value + margin));
    }

    pub fn restrictText(query: *Query, place: u32, text: ?[]const u8) void {
        const code = if (text) |wanted| query.family.columns[place].codeOf(wanted) else 0;
        query.restrict(place, 1, query.family.columns[place].distinct);
        if (code == 0) query.empty = true else query.restrict(place, code, code);
    }

    /// A range: on the column, or on the part's whole band where it has one.
    pub fn restrictRange(query: *Query, place: u32, minimum: ?f64, maximum: ?f64) void {
        const columns = query.family.columns;
        const low_place = columns[place].minimum_column;
        const high_place = columns[place].maximum_column;
        const low = &columns[low_place];
        const high = &columns[high_place];
        const floor = if (minimum) |value| value - @abs(value) * tolerance else null;
        const ceiling = if (maximum) |value| value + @abs(value) * tolerance else null;
        if (floor) |value| query.restrict(low_place, low.below(value) + 1, low.distinct);
        if (ceiling) |value| query.restrict(high_place, 1, high.upTo(value));
        if (floor == null or ceiling == null or low_place == high_place) return;
        // Where no minimum is above its maximum, each bound limits both columns, which makes each
        // filter as selective as the range.
        if (!columns[place].bounds_ordered) return;
        query.restrict(low_place, 1, low.upTo(ceiling.?));
        query.restrict(high_place, high.below(floor.?) + 1, high.distinct);
        query.implied |= @as(u64, 1) << @intCast(high_place);
    }

    /// A range that must lie between two columns; of one end alone, that end.
    pub fn restrictSpan(query: *Query, low_place: u32, high_place: u32, minimum: ?f64, maximum: ?f64) void {
        const low = &query.family.columns[low_place];
        const high = &query.family.columns[high_place];
        for ([_]?f64{ minimum, maximum }) |end| {
            const value = end orelse continue;
            const margin = @abs(value) * tolerance;
            query.restrict(low_place, 1, low.upTo(value + margin));
            query.restrict(high_place, high.below(value - margin) + 1, high.distinct);
        }
    }

    /// Asks for the family's defaults, where no column was named that lifts them.
    pub fn addDefaults(query: *Query) void {
        if (query.lifted) return;
        for (query.family.schema.columns, 1..) |column, place| {
            if (column.default) |value| query.restrictReal(@intCast(place), value);
        }
    }

    /// A value as the column stores it: a fraction where the column counts in ppm.
    pub fn scaled(column: *const Column, value: f64) f64 {
        return if (column.ppm_fraction and @abs(value) <= 0.01) value * 1e6 else value;
    }
};
