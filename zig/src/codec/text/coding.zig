//! Codes bytes by what a model expects of them, bit by bit or, where it expects a run, at once.
const arithmetic = @import("arithmetic.zig");

fn Model(comptime Pointer: type) type {
    return @typeInfo(Pointer).pointer.child;
}

/// Codes `history[start..]`; what is before has been read by the model.
pub fn encodeBytes(model: anytype, encoder: *arithmetic.Encoder, history: []const u8, start: usize) void {
    for (history[start..], start..) |byte, at| {
        const past = history[0..at];
        model.begin(past);
        if (model.inRun(past)) {
            const flag = model.flag(past);
            const runs_on = model.expected(past) == byte;
            encoder.bit(@intFromBool(runs_on), Model(@TypeOf(model)).flagChance(flag.*));
            Model(@TypeOf(model)).setFlag(flag, runs_on);
            if (runs_on) {
                model.endRunByte(history[0 .. at + 1]);
                continue;
            }
            model.breakRun();
        }
        for (0..8) |place| {
            const bit: u1 = @truncate(byte >> @intCast(7 - place));
            encoder.bit(bit, model.predict(past));
            model.update(bit);
        }
        model.endByte(history[0 .. at + 1]);
    }
}

/// Decodes the byte at `at`; what is before has been read by the model.
pub fn decodeByte(model: anytype, decoder: *arithmetic.Decoder, history: []u8, at: usize) void {
    const past = history[0..at];
    model.begin(past);
    if (model.inRun(past)) {
        const flag = model.flag(past);
        const runs_on = decoder.bit(Model(@TypeOf(model)).flagChance(flag.*)) == 1;
        Model(@TypeOf(model)).setFlag(flag, runs_on);
        if (runs_on) {
            history[at] = model.expected(past);
            model.endRunByte(history[0 .. at + 1]);
            return;
        }
        model.breakRun();
    }
    var byte: u8 = 0;
    for (0..8) |_| {
        const bit = decoder.bit(model.predict(past));
        model.update(bit);
        byte = byte << 1 | bit;
    }
    history[at] = byte;
    model.endByte(history[0 .. at + 1]);
}
