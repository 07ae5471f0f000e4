// SPDX-License-Identifier: Apache-2.0
// Texts that attack whoever shows them, spread over every free text of a record.
#include <array>

#include "harness/report/samples/samples.h"

namespace coroner::report::samples {

namespace {

/// Each would call owned() where it became script, or change a document where it became markup.
constexpr std::array<std::string_view, 80> texts = {{
    R"~(<script>owned(1)</script>)~",
    R"~(</script><script>owned(2)</script>)~",
    R"~(</style><script>owned(3)</script>)~",
    R"~(</title><script>owned(4)</script>)~",
    R"~(</textarea><script>owned(5)</script>)~",
    R"~(</noscript><script>owned(6)</script>)~",
    R"~(</template><script>owned(7)</script>)~",
    R"~(--><script>owned(8)</script><!--)~",
    R"~(]]><script>owned(9)</script>)~",
    R"~(<!--<script>owned(10)//-->)~",
    R"~(<img src=x onerror=owned(11)>)~",
    R"~(<img src="x" onerror="owned(12)">)~",
    R"~("><img src=x onerror=owned(13)>)~",
    R"~('><img src=x onerror=owned(14)>)~",
    R"~(`><img src=x onerror=owned(15)>)~",
    R"~(<svg onload=owned(16)>)~",
    R"~(<svg/onload=owned(17)>)~",
    R"~(<svg><script>owned(18)</script></svg>)~",
    R"~(<svg><animate onbegin=owned(19) attributeName=x dur=1s>)~",
    R"~(<svg><a xlink:href="javascript:owned(20)"><text>x</text></a></svg>)~",
    R"~(<math><mtext></p><img src=x onerror=owned(21)></mtext></math>)~",
    R"~(<iframe src="javascript:owned(22)"></iframe>)~",
    R"~(<iframe srcdoc="<script>parent.owned(23)</script>"></iframe>)~",
    R"~(<object data="javascript:owned(24)"></object>)~",
    R"~(<embed src="javascript:owned(25)">)~",
    R"~(<body onload=owned(26)>)~",
    R"~(<input autofocus onfocus=owned(27)>)~",
    R"~(<select autofocus onfocus=owned(28)>)~",
    R"~(<textarea autofocus onfocus=owned(29)>)~",
    R"~(<details open ontoggle=owned(30)>)~",
    R"~(<video><source onerror=owned(31)></video>)~",
    R"~(<audio src=x onerror=owned(32)>)~",
    R"~(<marquee onstart=owned(33)>)~",
    R"~(<meta http-equiv="refresh" content="0;url=javascript:owned(34)">)~",
    R"~(<link rel=stylesheet href="http://127.0.0.1:9/a.css">)~",
    R"~(<base href="http://127.0.0.1:9/">)~",
    R"~(<form action="javascript:owned(35)"><button autofocus>x</button></form>)~",
    R"~(<a href="javascript:owned(36)">x</a>)~",
    R"~(<a href="data:text/html,<script>owned(37)</script>">x</a>)~",
    R"~(<div style="background:url(http://127.0.0.1:9/b.png)">)~",
    R"~(<style>@import "http://127.0.0.1:9/c.css";</style>)~",
    R"~(<img src="http://127.0.0.1:9/d.png">)~",
    R"~(" onmouseover="owned(38)" x=")~",
    R"~(' onmouseover='owned(39)' x=')~",
    R"~(" autofocus onfocus="owned(40)" tabindex="1)~",
    R"~(&lt;script&gt;owned(41)&lt;/script&gt;)~",
    R"~(&#60;script&#62;owned(42)&#60;/script&#62;)~",
    R"~(%3Cscript%3Eowned(43)%3C/script%3E)~",
    R"~(\u003cscript\u003eowned(44)\u003c/script\u003e)~",
    R"~(\x3cscript\x3eowned(45)\x3c/script\x3e)~",
    std::string_view("<scr\0ipt>owned(46)</script>", 27),
    "<script\x0c>owned(47)</script>",
    "<\xc0\xbcscript>owned(48)</script>",
    "\xc0\xbcscript\xc0\xbeowned(49)\xc0\xbc/script\xc0\xbe",
    "+ADw-script+AD4-owned(50)+ADw-/script+AD4-",
    "\xe2\x80\xa8<script>owned(51)</script>",
    R"~(<xss id=x tabindex=1 onfocus=owned(52) style=display:block>)~",
    R"~(<dialog open onclose=owned(53)>)~",
    R"~(<button popovertarget=x onclick=owned(54)>)~",
    R"~({{constructor.constructor('owned(55)')()}})~",
    R"~(${owned(56)})~",
    R"~(javascript:owned(57))~",
    R"~([x](javascript:owned(58)))~",
    R"~(![x](http://127.0.0.1:9/e.png))~",
    R"~(<http://127.0.0.1:9/f>)~",
    R"~(| --- | --- |)~",
    "```\n<script>owned(59)</script>\n```",
    "\n# heading\n\n* list\n",
    R"~(@everyone #1 https://127.0.0.1:9/g)~",
    "::error file=a,line=1::forged",
    "  ::set-output name=x::forged",
    "text\n::warning::forged\n",
    "##[error]forged",
    "text ##[add-mask]forged",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\a \x1b]8;;http://127.0.0.1:9/h\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H\x1b[?1049h \xc2\x9b"
    "31m",
    "\x1b"
    "P+q544e\x1b\\ \x1b_apc\x1b\\ \x1b^pm\x1b\\",
    "\r overwritten \b\b \x7f \xe2\x80\xae"
    "desrever \xff\xfe \xed\xa0\x80 \xef\xbf\xbe",
    "]]> <![CDATA[ &unknown; <?xml version=\"1.0\"?> <!DOCTYPE a [<!ENTITY b SYSTEM "
    "\"file:///etc/passwd\">]> &b;",
}};

/// Gives one text after the other, round and round.
class Source {
 public:
  std::string next() { return std::string(texts.at(at_++ % texts.size())); }

  void fill(std::string& text) { text = next(); }
  void fill(std::vector<std::string>& list)
  {
    if (list.empty()) list.resize(2);
    for (auto& text : list) fill(text);
  }
  void fill(std::map<std::string, std::string>& pairs)
  {
    pairs.clear();
    for (int i = 0; i < 3; ++i) {
      auto key = next();
      pairs[std::move(key)] = next();
    }
  }

 private:
  std::size_t at_ = 0;
};

void spoil(record::Finding& finding, Source& source)
{
  for (auto* text :
       {&finding.name, &finding.title, &finding.because, &finding.verify, &finding.fix.distro,
        &finding.fix.text, &finding.fix.patch, &finding.fix.patch_file})
    source.fill(*text);
  for (auto& evidence : finding.evidence) {
    for (auto* text : {&evidence.source, &evidence.text, &evidence.node, &evidence.fact})
      source.fill(*text);
    source.fill(evidence.before);
    source.fill(evidence.after);
    evidence.column = 3;
    evidence.length = 2'000'000'000;
  }
  for (auto* list : {&finding.nodes, &finding.explains, &finding.blocked, &finding.sources})
    source.fill(*list);
}

}  // namespace

std::span<const std::string_view> payloads()
{
  return texts;
}

record::Record hostile()
{
  auto record = nvml_missing();
  Source source;
  for (auto* text : {&record.run_id, &record.tool_version, &record.note, &record.cluster.name,
                     &record.cluster.cell, &record.cluster.provider, &record.cluster.server,
                     &record.cluster.uid, &record.reproduce, &record.bundle})
    source.fill(*text);
  source.fill(record.versions);
  source.fill(record.leftovers);
  source.fill(record.disclosed);
  const auto node_name = source.next();
  for (auto& node : record.nodes) {
    for (auto* text : {&node.distro, &node.os_image, &node.arch, &node.runtime, &node.access})
      source.fill(*text);
    node.name = node_name;
    for (auto& gpu : node.gpus) source.fill(gpu.model);
    source.fill(node.versions);
    source.fill(node.expectations);
  }
  for (auto& finding : record.findings) spoil(finding, source);
  for (std::size_t i = 0; i < record.results.size(); ++i) {
    auto& result = record.results[i];
    if (!result.node.empty()) result.node = node_name;
    result.waiver = source.next();
    record.cases.at(i).requirement = source.next();
    record.cases.at(i).source = source.next();
    for (auto& attempt : result.attempts) {
      attempt.reason = source.next();
      source.fill(attempt.proof);
      attempt.evidence.push_back({source.next(), 3});
    }
  }
  // Every text once, whatever the fields above took.
  std::vector<std::string> all(texts.begin(), texts.end());
  record.findings.front().evidence.front().before = all;
  record.findings.front().evidence.front().after = all;
  record.disclosed.insert(record.disclosed.end(), all.begin(), all.end());
  record.results.back().case_id = source.next();
  record.results.back().cause = "";
  record.results.back().attempts.back().verdict = record::Verdict::fail;
  for (const auto& text : all) {
    record.results.push_back({.case_id = text, .node = node_name});
    record.results.back().attempts.push_back({.verdict = record::Verdict::skip, .reason = text});
  }
  return record;
}

}  // namespace coroner::report::samples
