//! Finds the best rows of a query: which way to look is chosen by what each would cost.
//!
//! Rows are stored by rank, so that the first matches are the best. There are three ways:
//!
//! scan      all rows in rank order, vectors of codes, until there are enough matches;
//! package   the same over the package's own rows, which lie together in a second copy;
//! postings  the rows of the most selective filter alone, each checked against the others.
//!
//! How many rows each single filter matches is known exactly, from where its postings begin.
const std = @import("std");
const index = @import("index.zig");
const scanning = @import("scan.zig");
const Query = @import("query.zig").Query;
const limit_max = @import("query.zig").limit_max;
const Best = @import("best.zig").Best;
const cheapest_first = @import("cheapest.zig");

const Filter = scanning.Filter;
const Found = scanning.Found;

pub const Error = error{DamagedIndex};

/// Costs a row in nanoseconds, measured; only their ratios matter. Postings lead to rows all over
/// the place, each a wait for memory, where a scan runs ahead of itself.
pub const scan_ns_per_code_byte = 0.06;
pub const posting_ns = 20.0;
const posting_unordered_ns = 40.0;

/// Rows of the four rank groups that have the stock; in rank order.
pub const Stocked = struct {
    begins: [4]u32 = undefined,
    ends: [4]u32 = undefined,
    count: usize = 0,
    rows: u32 = 0,

    fn of(family: *const index.Family, stock_min: i64) Stocked {
        var stocked: Stocked = .{};
        var begin: u32 = 0;
        for (family.group_ends) |group_end| {
            const group = family.stock[begin..group_end];
            const enough: u32 = @intCast(std.sort.partitionPoint(i64, group, stock_min, isEnough));
            if (enough > 0) stocked.add(begin, begin + enough);
            begin = group_end;
        }
        return stocked;
    }

    fn add(stocked: *Stocked, begin: u32, end: u32) void {
        stocked.rows += end - begin;
        if (stocked.count > 0 and stocked.ends[stocked.count - 1] == begin) {
            stocked.ends[stocked.count - 1] = end;
            return;
        }
        stocked.begins[stocked.count] = begin;
        stocked.ends[stocked.count] = end;
        stocked.count += 1;
    }

    fn isEnough(stock_min: i64, stock: i64) bool {
        return stock >= stock_min;
    }

    pub fn has(stocked: *const Stocked, row: u32) bool {
        for (stocked.begins[0..stocked.count], stocked.ends[0..stocked.count]) |begin, end| {
            if (row >= begin and row < end) return true;
        }
        return false;
    }
};

/// The filters of a query, the most selective first.
pub const Plan = struct {
    places: [scanning.filters_max]u8,
    counts: [scanning.filters_max]u32,
    count: usize,
    /// The share of rows that match all filters, taken as independent.
    share: f64,

    fn make(plan: *Plan, query: *const Query) void {
        plan.count = 0;
        plan.share = 1;
        const rows = query.family.rows;
        var left = query.active;
        while (left != 0) : (left &= left - 1) {
            const place: u8 = @ctz(left);
            const matching = query.family.columns[place].count(query.low[place], query.high[place]);
            // A filter that every row passes says nothing.
            if (matching == rows) continue;
            if (query.implied >> @intCast(place) & 1 == 0) {
                plan.share *= @as(f64, @floatFromInt(matching)) / @as(f64, @floatFromInt(rows));
            }
            var slot = plan.count;
            while (slot > 0 and plan.counts[slot - 1] > matching) : (slot -= 1) {
                plan.places[slot] = plan.places[slot - 1];
                plan.counts[slot] = plan.counts[slot - 1];
            }
            plan.places[slot] = place;
            plan.counts[slot] = matching;
            plan.count += 1;
        }
    }

    /// The filters but that on `except`, over codes in rank order or by package.
    pub fn filters(plan: *const Plan, query: *const Query, except: ?u8, by_package: bool, out: *[scanning.filters_max]Filter) []const Filter {
        var count: usize = 0;
        for (plan.places[0..plan.count]) |place| {
            if (place == except) continue;
            const column = &query.family.columns[place];
            out[count] = .{
                .codes = if (by_package) column.codes_by_package else column.codes,
                .code_bytes = column.code_bytes,
                .low = query.low[place],
                .span = query.high[place] - query.low[place],
            };
            count += 1;
        }
        return out[0..count];
    }
};

/// Fills `rows` with the best rows, best first, and returns how many there are.
pub fn find(query: *const Query, rows: *[limit_max]u32) Error!u32 {
    if (query.empty or query.family.rows == 0) return 0;
    var plan: Plan = undefined;
    plan.make(query);
    if (plan.count > 0 and plan.counts[0] == 0) return 0;
    const stocked: Stocked = .of(query.family, query.stock_min);
    if (stocked.rows == 0) return 0;
    if (query.by_price) return cheapest_first.find(query, &plan, &stocked, rows);
    var found: Found = .{ .rows = rows[0..query.limit], .soon = query.family.candidate_starts.ptr };
    switch (cheapest(query, &plan, &stocked)) {
        .scan => scanAll(query, &plan, &stocked, &found),
        .package => try scanPackage(query, &plan, &stocked, &found),
        .postings => try readPostings(query, &plan, &stocked, &found),
    }
    return found.count;
}

const Way = enum { scan, package, postings };

fn cheapest(query: *const Query, plan: *const Plan, stocked: *const Stocked) Way {
    if (plan.count == 0) return .scan;
    const limit: f64 = @floatFromInt(query.limit);
    const rows: f64 = @floatFromInt(query.family.rows);
    const stocked_share = @as(f64, @floatFromInt(stocked.rows)) / rows;
    // Rows until there are enough matches, in rank order.
    const until_enough = limit / @max(plan.share, 1e-12);
    var codes: [scanning.filters_max]Filter = undefined;

    const all = plan.filters(query, null, false, &codes);
    const scan_ns = @min(@as(f64, @floatFromInt(stocked.rows)), until_enough) * rowNs(all);
    var way: Way = .scan;
    var best_ns = scan_ns;

    if (packageOf(query)) |code| {
        const run: f64 = @floatFromInt(query.family.columns[0].count(code, code));
        const within = plan.filters(query, 0, true, &codes);
        const ns = @min(run * stocked_share, until_enough * run / rows) * rowNs(within);
        if (ns < best_ns) {
            way = .package;
            best_ns = ns;
        }
    }

    const place = plan.places[0];
    const matching: f64 = @floatFromInt(plan.counts[0]);
    const ordered = query.low[place] == query.high[place];
    const ns = if (ordered)
        @min(matching, until_enough * matching / rows) * posting_ns
    else
        matching * posting_unordered_ns;
    if (ns < best_ns) way = .postings;
    return way;
}

pub fn rowNs(filters: []const Filter) f64 {
    if (filters.len == 0) return 0.1;
    // Later filters are looked at only where a block still has matches; the first two count.
    var code_bytes: u32 = 0;
    for (filters[0..@min(2, filters.len)]) |filter| code_bytes += filter.code_bytes;
    return @as(f64, @floatFromInt(code_bytes)) * scan_ns_per_code_byte;
}

pub fn packageOf(query: *const Query) ?u32 {
    return if (query.active & 1 == 1 and query.low[0] == query.high[0]) query.low[0] else null;
}

fn scanAll(query: *const Query, plan: *const Plan, stocked: *const Stocked, found: *Found) void {
    var codes: [scanning.filters_max]Filter = undefined;
    const filters = plan.filters(query, null, false, &codes);
    for (stocked.begins[0..stocked.count], stocked.ends[0..stocked.count]) |begin, end| {
        scanning.scan(filters, begin, end, null, found);
        if (found.full()) return;
    }
}

fn scanPackage(query: *const Query, plan: *const Plan, stocked: *const Stocked, found: *Found) Error!void {
    var codes: [scanning.filters_max]Filter = undefined;
    const filters = plan.filters(query, 0, true, &codes);
    const package = &query.family.columns[0];
    const code = packageOf(query).?;
    const first = package.starts[code - 1];
    const run = package.postings[first..package.starts[code]];
    for (stocked.begins[0..stocked.count], stocked.ends[0..stocked.count]) |begin, end| {
        const from: u32 = @intCast(std.sort.partitionPoint(u32, run, begin, isBefore));
        const to: u32 = @intCast(std.sort.partitionPoint(u32, run, end, isBefore));
        if (from >= to) continue;
        scanning.scan(filters, first + from, first + to, package.postings, found);
        if (found.full()) break;
    }
    for (found.rows[0..found.count]) |row| if (row >= query.family.rows) return error.DamagedIndex;
}

pub fn isBefore(wanted: u32, row: u32) bool {
    return row < wanted;
}

fn readPostings(query: *const Query, plan: *const Plan, stocked: *const Stocked, found: *Found) Error!void {
    const place = plan.places[0];
    const column = &query.family.columns[place];
    const low = query.low[place];
    const high = query.high[place];
    const postings = column.postings[column.starts[low - 1]..column.starts[high]];
    const everything = stocked.rows == query.family.rows;
    var best: Best = .init(found.rows);
    for (postings) |row| {
        if (row >= query.family.rows) return error.DamagedIndex;
        if (row >= best.limit_row) continue;
        if (!everything and !stocked.has(row)) continue;
        if (!passes(query, plan.places[1..plan.count], row)) continue;
        if (low == high) {
            found.rows[found.count] = row;
            found.count += 1;
            if (found.full()) return;
        } else {
            best.add(row);
        }
    }
    if (low != high) found.count = best.finish();
}

pub fn passes(query: *const Query, places: []const u8, row: u32) bool {
    for (places) |place| {
        const code = query.family.columns[place].code(row);
        if (code < query.low[place] or code > query.high[place]) return false;
    }
    return true;
}
