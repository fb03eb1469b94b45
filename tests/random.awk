# A random log as canonical CSV, the same for the same seed on every awk: its own generator of
# numbers, integers below 2^53 only. Instants lie on a coarse grid around the midnights of three
# zones and the changes of summer time, so that ties and edges are the rule, not the exception.
#
#     awk -f random.awk -v seed=7 [-v events=300] [-v users=12] [-v groups=3] [-v days=90] > log.csv
#
# orders=40 makes 40 % more of the events orders; floods=20 makes 20 % bursts of messages.
#
# Records of one person at one instant always differ in id or text unless they are equal in all
# fields: what the order of ties leaves open never decides a number.

function below(n) {
	state = state * 16807 % 2147483647
	return int(state / 2147483647 * n)
}
function chance(percent) { return below(100) < percent }
function pick(words,   part, n) {
	n = split(words, part, " ")
	n = part[1 + below(n)]
	return n == "." ? "" : n
}

# Civil date of a day number (proleptic Gregorian, 1970-01-01 = 0).
function iso_day(day,   z, era, doe, yoe, doy, mp, y, m, d) {
	z = day + 719468
	era = int(z / 146097)
	doe = z - era * 146097
	yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
	doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
	mp = int((5 * doy + 2) / 153)
	d = doy - int((153 * mp + 2) / 5) + 1
	m = mp < 10 ? mp + 3 : mp - 9
	y = yoe + era * 400 + (m <= 2)
	return sprintf("%04d-%02d-%02d", y, m, d)
}
function iso_time(us,   day, s, text) {
	s = int(us / 1000000)
	us -= s * 1000000
	day = int(s / 86400)
	s -= day * 86400
	text = sprintf("%sT%02d:%02d:%02d", iso_day(day), int(s / 3600), int(s / 60) % 60, s % 60)
	if (us)
		text = text sprintf(".%06d", us)
	return text "Z"
}

# Midnight is 00:00 in UTC, 16:00 in Asia/Shanghai, 05:00 or 04:00 in New York, where the clocks
# change at 07:00 in March and 06:00 in November.
function instant(from,   day, hour, us) {
	day = from + below(span - from)
	if (chance(40))
		day = hot[below(nhot)]
	if (day < from)
		day = from
	hour = pick("0 0 4 5 5 6 7 12 12 13 16 16 20")
	us = ((first_day + day) * 86400 + hour * 3600) * 1000000
	if (chance(12))
		us -= 1
	else if (chance(10))
		us += 1800 * 1000000
	else if (chance(6))
		us += 500000
	return us
}

function quoted(s) {
	if (s !~ /[",\n]/)
		return s
	gsub(/"/, "\"\"", s)
	return "\"" s "\""
}
function money(units,   sign, text) {
	sign = units < 0 ? "-" : ""
	if (units < 0)
		units = -units
	if (units % 100)
		text = sprintf("%d.%04d", int(units / 10000), units % 10000)
	else if (units % 10000 == 0 && chance(30))
		text = sprintf("%d", int(units / 10000))
	else
		text = sprintf("%d.%02d", int(units / 10000), units % 10000 / 100)
	return sign text
}

# Role and name are functions of person and instant: the newest is never a tie.
function role_of(u, us) {
	if (!chance(us >= turn[u] ? 35 : 15))
		return ""
	return us >= turn[u] ? late_role[u] : "member"
}
function emit(us, g, u, type, amount, order_id, product, ref, source,   text, id, name, line, who) {
	serial++
	id = with_ids ? sprintf("m%05d", serial) : ""
	if (saying != "")
		text = saying
	else
		text = with_ids ? pick("hi ok 好的 . 多少钱,包邮吗 a,b say\"x\"") : pick("hi a,b \"q\" 接龙") " " serial
	if (chance(2))
		text = text "\nline 2"
	who = u ? "u" u : ""
	name = u ? (us >= turn[u] ? "N" u ", 2" : "N" u) : ""
	line = iso_time(us) "," quoted(g) "," who "," quoted(name) "," type "," quoted(text) "," \
		amount "," order_id "," product "," (type ~ /^order/ ? 1 + below(3) : "") "," ref "," source "," \
		(u ? role_of(u, us) : "") "," id "," quoted(city[below(ncity)])
	print line
	if (chance(1))
		print line
}

function other(u,   v) {
	if (chance(10))
		return "u" u
	v = 1 + below(users)
	return v == u ? "stranger" : "u" v
}

# kind of a group: 0 neither joins nor leaves, 1 joins and removals, 2 own leaves too.
function membership(us, g, u, leaving,   source) {
	if (!leaving) {
		emit(us, gname[g], u, "join", "", "", "", chance(45) ? other(u) : "",
			pick("qr invite link search card created . ."))
	} else if (kind[g] == 1 || chance(35)) {
		source = pick("removed . removed")
		emit(us, gname[g], u, pick("leave leave kick"), "", "", "",
			source == "" ? "boss" : chance(30) ? "u" u : "", source)
	} else {
		emit(us, gname[g], u, pick("leave quit part"), "", "", "", chance(30) ? "u" u : "", "")
	}
}

function order(us, g, u,   key, id, n, units, lines) {
	id = chance(70) ? "O" (1 + below(2 * users)) : ""
	lines = id == "" ? 1 : 1 + below(3)
	for (n = 0; n < lines; n++) {
		units = (1 + below(30)) * 100000 + below(4) * 2500
		if (four && chance(40))
			units += 1 + below(99)
		if (chance(6))
			units = -units
		if (chance(3))
			units = 0
		key = u SUBSEP id
		if (id != "" && !(key in total))
			keys[nkeys++] = key
		if (units > 0)
			total[key] += units
		last[key] = us
		emit(us, gname[g], u, "order", chance(12) ? "" : money(units), id, pick("tea rice apple tea ."),
			"", pick(". miniapp qr"))
		if (chance(20))
			us += 3600 * 1000000 * (1 + below(30))
		if (chance(8))
			g = below(ngroups)
	}
}

function refund(   part, units, us) {
	if (!nkeys || chance(20)) {
		emit(instant(0), gname[below(ngroups)], 1 + below(users), "refund", money(50000),
			pick("O0 . O1 O2"), "", "", "")
		return
	}
	split(keys[below(nkeys)], part, SUBSEP)
	units = total[part[1], part[2]]
	if (!chance(40) || units == 0)
		units = 10000 * (1 + below(20))
	us = last[part[1], part[2]] + (below(5) - 1) * 43200 * 1000000
	emit(us, gname[below(ngroups)], part[1], "refund", money(chance(50) ? units : -units), part[2],
		pick(". . tea rice"), "", "")
}

function any_event(u,   us, g, type) {
	g = below(ngroups)
	if (chance(70))
		g = u % ngroups
	us = instant(born[u])
	type = pick("message message message message message message order order reaction share click " \
		"view redpacket signin system coupon vote join join leave leave . action")
	if (orders && chance(orders))
		type = "order"
	if ((type == "join" || type == "leave") && kind[g] == 0)
		type = "message"
	if (type == "join" || type == "leave") {
		membership(us, g, u, type == "leave")
		if (chance(15))
			membership(us, g, u, type != "leave")
	} else if (type == "order") {
		order(us, g, u)
	} else {
		emit(us, gname[g], u, type, type == "redpacket" ? money(10000) : "", "", "",
			chance(15) ? other(u) : "", type == "redpacket" ? pick("sent claimed") : "")
	}
	if (chance(15))
		emit(us, gname[g], u, pick("message reaction click"), "", "", "", "", "")
}

# Messages at and around the edges of a flood: 8 in 60 s, one text 3 times in 10 min.
function burst(u,   g, us, n, i, same) {
	g = chance(80) ? u % ngroups : below(ngroups)
	us = instant(born[u])
	same = chance(50)
	n = same ? 2 + below(3) : 7 + below(3)
	for (i = 0; i < n; i++) {
		saying = same ? pick("+1 +1 好的") : ""
		emit(us + int(i * (same ? 300 : 60 / 7) * 1000000) + (chance(10) ? 1 : 0), gname[g], u,
			chance(95) ? "message" : "reaction", "", "", "", "", "")
	}
	saying = ""
}

function setup(   i) {
	state = (seed * 7919 + 104729) % 2147483646 + 1
	for (i = 0; i < 20; i++)
		below(2)
	events = events ? events : 300
	users = users ? users : 12
	ngroups = groups ? groups : 3
	span = days ? days : 90
	# From 1 February, 10 September or 20 November: over the change of March, of November, of the year.
	first_day = pick("20485 20706 20412") + below(7)
	with_ids = seed % 2
	four = seed % 5 == 3
	nhot = 6
	for (i = 0; i < nhot; i++)
		hot[i] = below(span)
	for (i = 0; i < ngroups; i++) {
		gname[i] = i == 0 ? "g1" : i == 1 ? "群二" : "g,\"" i + 1 "\""
		kind[i] = (seed + i) % 3
	}
	if (seed % 4 == 1)
		gname[ngroups - 1] = "-"
	if (seed % 13 == 6)
		for (i = 0; i < ngroups; i++)
			gname[i] = i % 2 ? "-" : ""
	ncity = split("SH SH BJ 北京", city, " ")
	city[++ncity] = "a,b"
	city[0] = ""
	ncity++
	for (i = 1; i <= users; i++) {
		born[i] = chance(30) ? 0 : below(span - 10)
		turn[i] = (first_day + below(span)) * 86400 * 1000000
		late_role[i] = pick("member member vip vip vip member staff owner bot vip")
	}
}

BEGIN {
	setup()
	print "ts,group,user,name,type,text,amount,order_id,product,qty,ref,source,role,id,city"
	for (u = 1; u <= users; u++)
		if (kind[u % ngroups] && chance(60))
			membership(instant(born[u]), u % ngroups, u, 0)
	while (serial < events) {
		if (chance(2))
			emit(instant(0), gname[below(ngroups)], 0, "message", "", "", "", "", "")
		else if (floods && chance(floods))
			burst(1 + below(users))
		else if (chance(5))
			refund()
		else
			any_event(1 + below(users))
	}
}
