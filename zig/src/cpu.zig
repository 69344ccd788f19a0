//! Whether this processor can run the library at all, asked before anything else is called.
const builtin = @import("builtin");

const Registers = struct { eax: u32, ebx: u32, ecx: u32, edx: u32 };

fn cpuid(leaf: u32) Registers {
    var eax: u32 = undefined;
    var ebx: u32 = undefined;
    var ecx: u32 = undefined;
    var edx: u32 = undefined;
    asm volatile ("cpuid"
        : [eax] "={eax}" (eax),
          [ebx] "={ebx}" (ebx),
          [ecx] "={ecx}" (ecx),
          [edx] "={edx}" (edx),
        : [leaf] "{eax}" (leaf),
          [subleaf] "{ecx}" (@as(u32, 0)),
    );
    return .{ .eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };
}

/// CPUID leaf 1, ECX: SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT, which are x86-64-v2.
const x86_64_v2: u32 = 1 << 0 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23;

/// 1 where the processor has every instruction that the library is compiled for, else 0.
export fn library_cpu_supported() u32 {
    if (builtin.cpu.arch != .x86_64) return 1;
    return @intFromBool(cpuid(1).ecx & x86_64_v2 == x86_64_v2);
}

test "the processor that runs the tests is supported" {
    try @import("std").testing.expectEqual(1, library_cpu_supported());
}
