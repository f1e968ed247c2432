-- Adds the commands of Logos P2P to Wireshark's own Bitcoin dissector, whose framing they share: see docs/wireshark.md.
--
-- Verifies Blake2b checksums, shows the id of each message and lets one filter on it, and tells how long a host took to
-- pass a message on. Runs in Wireshark 4.0 and later (Lua 5.2 to 5.4).

local logos = Proto("logos", "Logos P2P")

logos.prefs.hash = Pref.bool(
    "Verify checksums", true, "Compute Blake2b-256 of each payload: the checksum, and the id of a message")
logos.prefs.most = Pref.uint(
    "Up to bytes", 1048576, "Payloads above this are not hashed: Lua takes about a second for a megabyte")

---------------------------------------------------------------------------------------------------------------------
-- Blake2b-256 (RFC 7693). A word of 64 bits is two numbers of 32, low and high, since Lua 5.2 has none of 64.

local band, bxor, bor, lshift, rshift
if bit32 then
    band, bxor, bor, lshift, rshift = bit32.band, bit32.bxor, bit32.bor, bit32.lshift, bit32.rshift
else
    -- Operators that older Lua cannot even read.
    band = load("return function(a, b) return a & b end")()
    bxor = load("return function(a, b) return (a ~ b) & 0xffffffff end")()
    bor = load("return function(a, b) return a | b end")()
    lshift = load("return function(a, n) return (a << n) & 0xffffffff end")()
    rshift = load("return function(a, n) return (a & 0xffffffff) >> n end")()
end

local WORD, BLOCK, DIGEST = 4294967296, 128, 32

local IV = {
    0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
    0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
}

local SIGMA = {
    { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
    { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
    { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
    { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
    { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
    { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
    { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
    { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
    { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
    { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
}

local MIXED = {
    { 0, 4, 8, 12 }, { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
    { 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 }, { 3, 4, 9, 14 },
}

-- Word i of v is v[2i + 1] (low) and v[2i + 2] (high).
local function mix(v, a, b, c, d, xl, xh, yl, yh)
    a, b, c, d = 2 * a + 1, 2 * b + 1, 2 * c + 1, 2 * d + 1
    local al, ah, bl, bh, cl, ch, dl, dh = v[a], v[a + 1], v[b], v[b + 1], v[c], v[c + 1], v[d], v[d + 1]
    local low, l, h
    low = al + bl + xl
    ah = (ah + bh + xh + (low - low % WORD) / WORD) % WORD
    al = low % WORD
    -- By 32: the halves change places.
    dl, dh = bxor(dh, ah), bxor(dl, al)
    low = cl + dl
    ch = (ch + dh + (low - low % WORD) / WORD) % WORD
    cl = low % WORD
    l, h = bxor(bl, cl), bxor(bh, ch)
    bl, bh = bor(rshift(l, 24), lshift(h, 8)), bor(rshift(h, 24), lshift(l, 8))
    low = al + bl + yl
    ah = (ah + bh + yh + (low - low % WORD) / WORD) % WORD
    al = low % WORD
    l, h = bxor(dl, al), bxor(dh, ah)
    dl, dh = bor(rshift(l, 16), lshift(h, 16)), bor(rshift(h, 16), lshift(l, 16))
    low = cl + dl
    ch = (ch + dh + (low - low % WORD) / WORD) % WORD
    cl = low % WORD
    l, h = bxor(bl, cl), bxor(bh, ch)
    bl, bh = bor(lshift(l, 1), rshift(h, 31)), bor(lshift(h, 1), rshift(l, 31))
    v[a], v[a + 1], v[b], v[b + 1], v[c], v[c + 1], v[d], v[d + 1] = al, ah, bl, bh, cl, ch, dl, dh
end

local function compress(h, block, count, isLast)
    local m, v = {}, {}
    for i = 0, 31 do
        local a, b, c, d = block:byte(4 * i + 1, 4 * i + 4)
        m[i] = a + 256 * b + 65536 * c + 16777216 * d
    end
    for i = 1, 16 do
        v[i], v[i + 16] = h[i], IV[i]
    end
    -- A capture has no message of 4 GiB: the count fits the low half.
    v[25] = bxor(v[25], count)
    if isLast then
        v[29], v[30] = bxor(v[29], 0xffffffff), bxor(v[30], 0xffffffff)
    end
    for round = 0, 11 do
        local s = SIGMA[round % 10 + 1]
        for i = 1, 8 do
            local w, x, y = MIXED[i], 2 * s[2 * i - 1], 2 * s[2 * i]
            mix(v, w[1], w[2], w[3], w[4], m[x], m[x + 1], m[y], m[y + 1])
        end
    end
    for i = 1, 16 do
        h[i] = bxor(bxor(h[i], v[i]), v[i + 16])
    end
end

-- The digest of a string, as a string.
local function blake2b(data)
    local h = {}
    for i = 1, 16 do
        h[i] = IV[i]
    end
    h[1] = bxor(h[1], 0x01010000 + DIGEST)
    local at = 0
    while #data - at > BLOCK do
        compress(h, data:sub(at + 1, at + BLOCK), at + BLOCK, false)
        at = at + BLOCK
    end
    local rest = data:sub(at + 1)
    compress(h, rest .. ("\0"):rep(BLOCK - #rest), #data, true)
    local bytes = {}
    for i = 1, DIGEST / 4 do
        local w = h[i]
        bytes[i] = string.char(band(w, 255), band(rshift(w, 8), 255), band(rshift(w, 16), 255), rshift(w, 24))
    end
    return table.concat(bytes)
end

---------------------------------------------------------------------------------------------------------------------
-- What is shown.

local function bytes(name, title, text)
    return ProtoField.bytes("logos." .. name, title, base.NONE, text)
end

local f = {
    id = bytes("id", "Message id", "Blake2b-256 of the payload"),
    payload = bytes("payload", "Payload"),
    ok = ProtoField.bool("logos.checksum.ok", "Checksum is right"),
    copy = ProtoField.uint32("logos.copy", "Copy", base.DEC, nil, nil, "How often this message was captured so far"),
    first = ProtoField.framenum("logos.first", "First captured in", base.NONE),
    age = ProtoField.relative_time("logos.age", "Time since first captured"),
    came = ProtoField.framenum("logos.hop.from", "The sending host got it in", base.NONE),
    hop = ProtoField.relative_time("logos.hop.delay", "Hop delay", "Since the sending host was first sent this message"),
    name = bytes("name", "Short id", "48 bits of SipHash of the message id, under a key of the receiver"),
    key = bytes("key", "Key"),
    ms = ProtoField.uint16("logos.ms", "Milliseconds"),
    size = ProtoField.uint32("logos.size", "Bytes"),
    label = ProtoField.uint32("logos.label", "Label of the origin"),
    chunk = bytes("chunk.id", "Chunk id", "Blake2b-256 of the chunk"),
    chunkSize = ProtoField.uint32("logos.chunk.size", "Chunk size"),
    index = ProtoField.uint8("logos.chunk.index", "Chunk"),
    feature = ProtoField.string("logos.feature", "Feature"),
    data = bytes("feature.data", "Data"),
    count = ProtoField.uint32("logos.count", "Count"),
    time = ProtoField.absolute_time("logos.addr.time", "Time", base.UTC),
    services = ProtoField.uint64("logos.addr.services", "Services", base.HEX),
    network = ProtoField.uint8("logos.addr.network", "Network", base.DEC,
        { [1] = "IPv4", [2] = "IPv6", [4] = "Tor v3", [5] = "I2P", [6] = "CJDNS" }),
    ipv4 = ProtoField.ipv4("logos.addr.ipv4", "Address"),
    ipv6 = ProtoField.ipv6("logos.addr.ipv6", "Address"),
    address = bytes("addr.bytes", "Address"),
    port = ProtoField.uint16("logos.addr.port", "Port"),
}
for _, field in pairs(f) do
    table.insert(logos.fields, field)
end

local wrongChecksum = ProtoExpert.new(
    "logos.checksum.bad", "The checksum is not that of the payload", expert.group.CHECKSUM, expert.severity.ERROR)
local malformed = ProtoExpert.new(
    "logos.malformed", "Not what this command consists of", expert.group.MALFORMED, expert.severity.ERROR)
logos.experts = { wrongChecksum, malformed }

-- What the Bitcoin dissector has found: of several frames in a packet the last one is the one at hand.
local checksumField = Field.new("bitcoin.checksum")

---------------------------------------------------------------------------------------------------------------------
-- What is known of each message: where it was captured, in the order of capture.

local captures, digests

function logos.init()
    captures, digests = {}, {}
end

-- Which frame of which packet this is. A packet is looked at several times, and hashed once.
local function place(pinfo)
    return pinfo.number .. "/" .. select("#", checksumField())
end

local function digestOf(tvb, pinfo)
    if not logos.prefs.hash or tvb:len() > logos.prefs.most then
        return nil
    end
    local at = place(pinfo)
    digests[at] = digests[at] or blake2b(tvb:raw())
    return digests[at]
end

local function hex(text)
    return (text:gsub(".", function(c)
        return string.format("%02x", c:byte())
    end))
end

local function verify(tvb, pinfo, tree)
    local digest = digestOf(tvb, pinfo)
    local all = { checksumField() }
    local told = all[#all]
    if not digest or not told then
        return nil
    end
    local isRight = hex(digest:sub(1, 4)) == tostring(told.range:bytes()):lower()
    tree:add(f.ok, isRight):set_generated()
    if not isRight then
        tree:add_proto_expert_info(wrongChecksum)
    end
    return digest
end

local function addId(tvb, tree, field, digest)
    return tree:add(field, ByteArray.new(hex(digest)):tvb("id"):range()):set_generated()
end

local function between(earlier, later)
    local nanoseconds = math.floor((later.time - earlier.time) * 1e9 + 0.5)
    return NSTime.new(math.floor(nanoseconds / 1e9), nanoseconds % 1e9)
end

-- Adds when and where else this message was captured.
local function follow(digest, pinfo, tree)
    local at = place(pinfo)
    local seen = captures[digest] or {}
    captures[digest] = seen
    local own
    for i = 1, #seen do
        own = own or (seen[i].place == at and i)
    end
    if not own then
        own = #seen + 1
        seen[own] = {
            place = at, frame = pinfo.number, time = pinfo.rel_ts, from = tostring(pinfo.src), to = tostring(pinfo.dst),
        }
    end
    tree:add(f.copy, own):set_generated()
    if own == 1 then
        return
    end
    tree:add(f.first, seen[1].frame):set_generated()
    tree:add(f.age, between(seen[1], seen[own])):set_generated()
    for i = 1, own - 1 do
        if seen[i].to == seen[own].from then
            tree:add(f.came, seen[i].frame):set_generated()
            tree:add(f.hop, between(seen[i], seen[own])):set_generated()
            return
        end
    end
end

---------------------------------------------------------------------------------------------------------------------
-- The commands. Each gets its payload and says whether it is one.

local NAME, KEY, ID = 6, 16, 32

local function names(range, tree)
    for at = 0, range:len() - NAME, NAME do
        tree:add(f.name, range(at, NAME))
    end
    tree:add(f.count, math.floor(range:len() / NAME)):set_generated()
    return range:len() % NAME == 0 and range:len() > 0
end

local function message(tvb, pinfo, tree, digest)
    if digest then
        addId(tvb, tree, f.id, digest)
        follow(digest, pinfo, tree)
    end
    if tvb:len() > 0 then
        tree:add(f.payload, tvb())
    end
    return true
end

local function list(tvb, _, tree)
    return names(tvb(), tree)
end

local function told(tvb, _, tree)
    tree:add(f.name, tvb(0, NAME))
    tree:add_le(f.ms, tvb(NAME, 2))
    return true
end

local function query(tvb, _, tree)
    tree:add(f.key, tvb(0, KEY))
    return names(tvb(KEY), tree)
end

local function chunks(tvb, _, tree)
    tree:add(f.id, tvb(0, ID))
    tree:add_le(f.size, tvb(ID, 4))
    tree:add_le(f.chunkSize, tvb(ID + 4, 4))
    for at = ID + 8, tvb:len() - ID, ID do
        tree:add(f.chunk, tvb(at, ID))
    end
    return (tvb:len() - 8) % ID == 0
end

local function indexes(tvb, _, tree)
    tree:add(f.name, tvb(0, NAME))
    for at = NAME, tvb:len() - 1 do
        tree:add(f.index, tvb(at, 1))
    end
    return true
end

-- A CompactSize: its value, and where what follows begins.
local function compactSize(tvb, at)
    local first = tvb(at, 1):uint()
    if first < 253 then
        return first, at + 1
    elseif first == 253 then
        return tvb(at + 1, 2):le_uint(), at + 3
    elseif first == 254 then
        return tvb(at + 1, 4):le_uint(), at + 5
    end
    return tvb(at + 1, 8):le_uint64():tonumber(), at + 9
end

local function feature(tvb, _, tree)
    local length, at = compactSize(tvb, 0)
    tree:add(f.feature, tvb(at, length))
    length, at = compactSize(tvb, at + length)
    if length > 0 then
        tree:add(f.data, tvb(at, length))
    end
    return at + length == tvb:len()
end

local function addresses(tvb, _, tree)
    local count, at = compactSize(tvb, 0)
    tree:add(f.count, count)
    for _ = 1, count do
        local start, services, length = at, nil, nil
        local entry = tree:add(logos, tvb(at), "Address")
        entry:add_le(f.time, tvb(at, 4))
        services, at = compactSize(tvb, at + 4)
        entry:add(f.services, tvb(start + 4, at - start - 4), UInt64(services % WORD, math.floor(services / WORD)))
        local network = tvb(at, 1):uint()
        entry:add(f.network, tvb(at, 1))
        length, at = compactSize(tvb, at + 1)
        local shown = (network == 1 and length == 4 and f.ipv4) or (network == 2 and length == 16 and f.ipv6) or f.address
        entry:add(shown, tvb(at, length))
        entry:add(f.port, tvb(at + length, 2))
        at = at + length + 2
        entry:set_len(at - start)
    end
    return true
end

local commands = {
    logos = { title = "Message for every node", least = 0, show = message },
    direct = { title = "Message for this peer alone", least = 0, show = message },
    have = { title = "I have these messages", least = NAME, show = list },
    want = { title = "Send me these messages", least = NAME, show = list },
    late = { title = "I had what you sent unasked", least = NAME + 2, show = told },
    early = { title = "Your announcement came before the payload", least = NAME + 2, show = told },
    coming = { title = "I am sending you this message", least = NAME + 4, show = function(tvb, _, tree)
        tree:add(f.name, tvb(0, NAME))
        tree:add_le(f.size, tvb(NAME, 4))
        return true
    end },
    hold = { title = "Do not send what you said is coming", least = NAME, show = list },
    graft = { title = "Send me the messages of this origin at once", least = 4, show = function(tvb, _, tree)
        tree:add_le(f.label, tvb(0, 4))
        return true
    end },
    wantshort = { title = "Send me the messages with these short ids", least = KEY + NAME, show = query },
    lackshort = { title = "I have none with these short ids", least = KEY + NAME, show = query },
    chunks = { title = "Of what a large message consists", least = ID + 8 + ID, show = chunks },
    chunk = { title = "Chunk of a large message", least = 0, show = function(tvb, _, tree, digest)
        if digest then
            addId(tvb, tree, f.chunk, digest)
        end
        tree:add(f.payload, tvb())
        return true
    end },
    havechunk = { title = "I have these chunks", least = NAME, show = indexes },
    wantchunk = { title = "Send me these chunks", least = NAME, show = indexes },
    feature = { title = "Feature of the sender (BIP434)", least = 2, show = feature },
    addrv2 = { title = "Addresses (BIP155)", least = 1, show = addresses },
    sendaddrv2 = { title = "Send me addrv2 instead of addr (BIP155)", least = 0, show = function()
        return true
    end },
}

local bitcoin = DissectorTable.get("bitcoin.command")
for name, command in pairs(commands) do
    local dissector = Proto("logos." .. name, "Logos P2P: " .. name)
    function dissector.dissector(tvb, pinfo, parent)
        local tree = parent:add(logos, tvb(), "Logos P2P: " .. command.title)
        local digest = verify(tvb, pinfo, tree)
        -- Reading beyond the end raises an error: of a frame that is too short that is no fault of this file.
        local isWell = tvb:len() >= command.least and select(2, pcall(command.show, tvb, pinfo, tree, digest)) == true
        if not isWell then
            tree:add_proto_expert_info(malformed)
        end
        return tvb:len()
    end
    bitcoin:add(name, dissector)
end
