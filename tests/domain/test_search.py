"""The search in people's words against the catalog that ships: the item that is meant stands first."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import configs
from node.domain.catalog.csv import parse_catalog_csv
from node.domain.catalog.item import Item
from node.domain.catalog.search import Finder, Sayings, core_of, one_slip
from node.services.catalog.sayings import sayings

CATALOG = Path(configs.__file__).parent / "catalog" / "items-detailed.csv"
ITEMS = parse_catalog_csv(CATALOG.read_bytes()).items
FINDER = Finder(ITEMS, sayings())
MEANT = """
ZW050 社保卡 医保卡 社会保障卡 补社保卡 社保卡丢了 我要办社保卡 社保卡怎么办
ZW172 残疾证 残疾人证 残疾 办个残疾证 盲人 聋哑
ZW073 老年证 老年卡 优待证 老年公交卡 老人证
ZW038 养老金 养老 领养老金 六十岁领钱 退休金
ZW037 养老保险 农保 新农保 社保
ZW070 准生证 怀孕 二胎 三胎 生育证
ZW005 身份证 补身份证 身份证丢了 身份证到期 二代证 换二代身份证
ZW006 临时身份证 临时身份证丢了
ZW027 结婚 结婚证 领证 扯结婚证 登记结婚
ZW028 离婚 离婚证 我想离婚
ZW020 低保 办低保 低保户 五保户 特困 孤寡老人
ZW021 临时救助 困难补助 失火 救济
ZW076 营业执照 开公司 注册公司 办执照
ZW075 注销营业执照 不开店了 个体户
ZW187 开店 开饭店 开餐馆 餐馆 开早餐店
ZW078 小卖部 开超市 卖吃的 食品经营许可证
ZW188 生娃 生孩子 新生儿
ZW001 上户口 报户口 娃上户口 新生儿落户
ZW002 搬家 迁户口 转户口 落户
ZW003 死亡证明 销户 老人去世了怎么办 过世
ZW095 盖房子 宅基地 建房 自建房 批宅基地
ZW106 危房 房子漏雨 危房改造
ZW022 孤儿 父母双亡
ZW176 退伍 退伍军人 退役 复员
ZW175 退伍费 退伍军人补助
ZW190 娃上学 上学 上小学 小学报名 孩子上学怎么办
ZW147 休学 晚一年上学
ZW150 贫困生 助学金 读不起书
ZW026 高龄补贴 80岁老人补贴 老人补贴 尊老金
ZW025 护理补贴 残疾人补助 残疾补贴
ZW040 失业 下岗 没工作
ZW043 失业金 领失业金 失业保险
ZW053 医保 新农合 合作医疗 买医保
ZW166 交医保 交社保 社保缴费
ZW056 报销 住院报销 看病报销
ZW057 异地就医 外地看病
ZW058 慢病卡 糖尿病 高血压 特病
ZW007 居住证 暂住证
ZW008 护照 出国 怎么办护照
ZW016 狗证 养狗
ZW017 上牌 新车上牌
ZW018 补驾照 驾驶证丢了
ZW098 砍树 砍木头
ZW100 烧荒 烧秸秆
ZW138 种地补贴 粮补 种田补贴
ZW140 大棚 养殖场用地
ZW130 养猪 养鸡 养殖场
ZW168 烟草证 卖烟 烟证
ZW185 当兵 征兵
ZW170 吵架 邻里纠纷 调解
ZW052 创业贷款 小额贷款
ZW165 完税证明 个税
ZW180 取公积金 公积金提取
ZW191 退休 办退休
ZW183 装自来水 通水
ZW105 廉租房 公租房 租房补贴
ZW088 房产证 房本
ZW126 受灾 水灾
ZW173 轮椅 助听器
ZW077 合作社
ZW081 药店
ZW152 网吧
ZW030 领养 收养孩子
ZW110 招牌 广告牌
ZW135 拖拉机 收割机
"""
# written without a look at the words that ship: dialect, traditional characters, slips, pinyin; of the first 175 38 missed, of the next 45 16
SAID_IN_WUHAN = """
ZW001 毛毛上户口 伢上户口 给娃上戶口 小孩上户 伢要报户口 小伢户口 刚生的毛毛报户口
ZW002 把户口迁过来 户口转到武汉
ZW003 爹爹走了销户口 人死了下户口 人走了销户 婆婆过世了 爹爹死了 婆婆不在了
ZW005 身份证掉了 身份証 sfz 身份正 身份证过期了 身份证快到期了 给伢办身份证 补张身份证 身份证不见了 身份证搞丢了
ZW006 临时身份正
ZW007 办居住证 外地人暂住
ZW008 辦護照 hz护照
ZW016 给狗子上户口 养个狗子 狗證 狗子办证
ZW017 新车上牌 摩托车上牌
ZW018 驾照丢了 驾照补办 驾驶证掉了
ZW021 屋里遭火了 家里有人得大病没钱 屋里困难 屋里困难 家里揭不开锅
ZW022 没爹没娘的伢 伢爹妈都死了
ZW023 爹妈坐牢伢没人管 爸妈不管的孩子
ZW025 瘫在床上要人照顾补贴 护理钱
ZW026 八十岁老人的钱 九十岁补贴 高齡津貼 八十岁领钱 老人高龄钱 九十岁津贴 婆婆八十岁了
ZW027 扯证 结婚正 打结婚证 結婚登記 jiehun
ZW028 打脱离 离昏 離婚
ZW036 公墓
ZW037 我要买养老保险
ZW038 六十岁了领养老钱 农村老人每月领的钱 養老金 yanglaojin
ZW040 厂子倒了没事做 失业证 没得工作 失了业
ZW043 领失业救济金 失业的钱
ZW050 社保卡挂失 社保卡換新 sbk
ZW052 贷款做生意 创业贷款
ZW053 交合作医疗 新型农村合作医疗 伢买医保 办医保 居民医保参保
ZW055 门诊报销 看门诊能报吗 门诊报账
ZW056 住院的钱报销 住院花的钱能报吗 住院报账 住院费报销
ZW057 在外地看病能不能报 随儿子住外地看病
ZW058 办慢性病 门诊慢病卡 高血压拿药
ZW070 怀毛毛了 怀娃了 打算生二胎 怀孕登记
ZW071 独生子女补助
ZW073 坐车不要钱的老人卡 老人免费坐车 老年優待證 老年征 老人坐公汽的卡 坐公交免费卡
ZW075 生意不做了 铺子关门 个体户不干了 店子不开了 执照注销
ZW076 注册个公司 开个公司 营业执照怎么办理
ZW078 开个小卖铺 卖卤菜 开小店卖零食 开水果店 开个超市
ZW081 开药店
ZW088 房产证 办房产证
ZW095 起屋 做屋 盖新屋 宅基地申請 村里建房 老屋拆了重盖 想起个屋
ZW098 砍树 锯几棵树 屋后的树想砍
ZW100 烧荒 山上烧草 坟上烧纸放火 烧田埂
ZW105 租房补贴 公租房补贴 租房子补钱
ZW106 屋子要倒了 土房子要塌了 房子快倒了 屋裂了 屋顶漏水
ZW123 卖鞭炮 卖炮仗
ZW126 淹了水 房子被淹了 遭了灾 田被水淹了
ZW133 卖农药
ZW135 拖拉机上牌 收割机上户
ZW136 打鱼证 下河打鱼
ZW137 田地扯皮 承包地纠纷
ZW138 种田补贴 田亩补贴 粮食直补
ZW140 搭大棚 养猪用地
ZW146 教师资格证
ZW148 开幼儿园
ZW150 读书没得钱 伢读书困难 伢上学困难补助
ZW165 打个税单 完税证明
ZW168 卖烟 烟草证 香烟零售
ZW170 邻居扯皮 隔壁扯皮 屋里扯皮 两家吵架 打架调解
ZW172 腿瘸了办证 殘疾證 cjz 残急证 瘫痪在床办残疾证 耳朵聋了办证 眼睛瞎了
ZW173 要个轮椅 轮椅 助听器
ZW176 当兵回来报到 退伍回来了
ZW178 改民族 伢改民族 民族改成汉族
ZW180 提公积金 公积金取钱
ZW183 装自来水 接水管 安水表
ZW185 当兵 伢要当兵 参军报名 征兵 服兵役
ZW187 开个热干面馆 开个早点铺子 开粉面馆 开火锅店 开烧烤店
ZW188 刚生了毛毛 生了个伢
ZW190 伢上小学 小伢报名读书 伢上幼儿园
ZW191 办退休 退休手续
"""
# sentences of everyday: what happened, what is wanted, slips; of the three hundred first ones every third missed, of others after that every fourth
SENTENCES = """
ZW022 伢的爹妈都走了有补助吗
ZW027 结婚需要户口本吗
ZW028 过不下去了要离婚
ZW053 给刚出生的娃买医保
ZW057 老家医保在武汉看病
ZW061 开个洗浴中心
ZW075 不做生意了营业执照咋销
ZW081 村里开个药铺
ZW095 农村老宅翻新
ZW126 大雨把田淹了
ZW150 娃读大学困难补助
ZW168 小卖部想卖烟
ZW001 双胞胎上户口 孩子出生半年还没上户 给小孩报个户口 黑户娃上户口 闺女落个户 给新生娃娃登记 毛毛几个月了还冇上户口
ZW001 给二娃登记户口 新生婴儿报户口 私生子上户口
ZW002 户口从外地迁回来 大学毕业户口迁回老家 老婆户口迁过来 离婚后迁户口 儿媳妇户口落到我屋里 户口想迁到城里 qianhukou
ZW002 户口迁回农村 媳妇户口迁进来 嫁过来迁户口 户口挂到亲戚家
ZW003 奶奶去世要注销户口 亲人过世怎么销户 公公走了 父亲病故后户口怎么处理 死人销户 老父亲去世销户口 老爹走了要办啥
ZW005 身份证弄丢了怎么补 身份证快过期 身份证字磨花了 shenfenzheng 身份证到期了去哪换 身份证搞丢哒 身分证丟了 身份证磨损了
ZW005 第一次办身份证
ZW006 临时身份证当天能拿吗 考试没带身份证 急着坐高铁身份证丢了 坐火车没带身份证急用
ZW007 外来务工居住证 租房子办暂住证 外地人在武汉办居住证 半年居住登记 在城里打工办居住证
ZW008 想去新马泰 护照到期换新 出国看女儿 第一次出国办什么 给娃办本护照 去日本旅游办什么证
ZW010 公司要刻几个章 印章丢了重刻 章子丢了 刻个合同专用章
ZW016 家里养了条土狗要登记 狗证年审 遛狗证 狗子打针登记 养狗要办证吗
ZW017 刚提的新车上牌照 三轮车上牌 二轮摩托上牌 新车怎么挂牌 买了台新车怎么上户 新买的车上牌
ZW018 驾照被水泡了 驾照遗失补办 驾驶证补办 驾驶执照丢了 驾驶证损坏
ZW020 七十岁没有子女 低保户申请 家里太穷想吃低保 残疾没收入申请低保 无劳动能力没收入 七老八十没人管 五保供养怎么申请
ZW020 老光棍没人养 低保怎么申请 吃低保要什么条件
ZW021 突然得了重病没钱 生活过不下去了 孩子得白血病没钱治 家里失火了求助 突遭变故没钱 急难救助 屋里出了大事没钱 家里突然出事
ZW021 家里出了意外
ZW022 孩子父母车祸都不在了 孤儿每月补助 小孩没爹妈了领补助
ZW023 爸爸坐牢妈妈跑了 父母服刑的孩子 爸妈都在坐牢
ZW025 重度残疾每月补助 一级残疾护理费 一级肢体残疾护理补助 一级残疾补贴 残疾人护理费
ZW026 满八十岁每月领多少 爷爷85岁了有什么补贴 百岁老人奖金 老人过八十有钱领 八旬老人补贴 gaolingbutie 八十五岁老人补助
ZW026 九十岁老人领什么钱 年纪大的老人每月补贴
ZW027 登记结婚要什么 和外地人结婚 二婚登记 打结婚证要多少钱 小两口领证 jhz 结婚要带什么
ZW028 感情不和离婚 离婚冷静期 办离婚要多久 散伙离婚 跟老公离婚 两口子过不下去 不想过了要离
ZW030 领养一个女孩 收养孤儿 领养小孩手续 过继一个儿子
ZW035 想开个养老院 民办养老院备案 办托老院
ZW037 刚满十六岁交养老保险 没工作怎么参加养老 个人买社保养老 灵活就业交养老 农民养老保险怎么买 城乡居民养老参保 农村户口买养老
ZW038 农民退休领钱 我妈满六十了领养老 养老金从几岁开始领 我爸六十了养老金 满60岁领钱 到六十岁了办养老 每个月养老钱
ZW038 老农民退休金 养老金怎么领
ZW040 厂子关门没工作 公司把我辞了 失业了怎么登记 工厂停产没班上 被老板开了 厂里不要我了
ZW041 找到新工作登记
ZW042 找不到工作的困难户
ZW043 失业补贴怎么申请 失业能领几个月钱 失业保险怎么领
ZW045 工伤几级鉴定 做工伤等级鉴定
ZW050 社保卡消磁 社保卡换卡 办第三代社保卡 医保卡补办 换新的社保卡 社保卡找不到了 社保卡密码忘了 医保卡不见了 补办社会保障卡
ZW051 毕业生求职补贴
ZW052 大学生创业贷款 妇女创业贷款 开店想贷点款 创业没本钱想贷款
ZW053 新生儿上医保 农民医保参保 医保参保登记 小娃办医保 给老人上医保 农村合作医疗 孩子参加医保
ZW055 看门诊能不能报销 门诊药费报销
ZW056 生病住院花了五万能报多少 剖腹产住院报销 出院结账报销 住院花的钱回来报 医院发票报销 住院的钱怎么报 开刀的钱报销
ZW056 看病的钱能报吗
ZW057 退休去儿子那住看病 到北京看病备案 长住女儿家外地医保 在外地住院报销 跟女儿住外地看病 在广东打工看病报销
ZW058 高血压慢病证 办特殊病门诊 肾透析 肝硬化门诊 糖尿病特殊门诊
ZW060 贫困户大病报销 低保户住院救助 看病花光了钱
ZW061 开个美发店 开宾馆要什么证 开个浴池 开棋牌室 开个理发馆 开个剪头发的店
ZW065 护士执业
ZW070 怀二胎要办啥 打算生三胎 生育服务证丢了 怀头胎登记 zsz
ZW073 六十岁以上老人证 老年优惠卡 老头坐车免费 老人乘公交证 老年公交年卡 六十五岁坐公交 老年人坐车优惠
ZW075 个体执照注销 营业执照不要了 餐馆关门不干了 奶茶店不开了注销
ZW076 办个营业执照要多久 注册有限公司 自己开公司 想当老板开公司 gszc 办公司执照 营业执照办理
ZW077 几家人合伙养羊搞合作社 农机合作社 搞个种植专业合作社 村里办合作社 几户人家合伙种菜
ZW078 卖牛奶要什么证 开零食铺 网上卖食品 卖零食办什么证 开熟食店 食品许可证 spjyxk
ZW080 家里做粉条卖 做酱菜卖 自己榨油卖
ZW081 开个大药房
ZW088 新买的房子办证 办不动产 自建房办房产证 房子办证 拿房产本 买了房子办证
ZW090 房子押给银行 用房子抵押借钱 把房子抵押给银行 房子抵押贷款
ZW095 宅基地上盖房 村里想起栋房子 分家批地基 农村翻建房屋 老屋推倒重盖 两兄弟分家要宅基地 翻新老屋 老房子推了重建 想盖个两层楼
ZW098 自家山上的树想砍 杨树砍了卖 砍几根竹子 自留山砍树
ZW100 坟前烧纸 烧麦秆 炼荒 上坟烧香
ZW105 困难家庭租房补贴 交不起房租 低保户租房补贴 住房困难补贴
ZW106 老房子快塌了 房子是危房 墙开裂了 房梁断了 泥巴屋要倒
ZW110 店门头招牌 楼顶立大广告 做个店招 大楼外墙广告 店门口挂招牌
ZW111 路边搭个棚 装修占用人行道
ZW123 春节卖烟花 卖爆竹
ZW126 冰雹打了庄稼 山洪冲了房 庄稼旱死了 田里被淹没收成 家里遭台风 大风掀了屋顶
ZW130 养一百头猪要什么手续 办个养鸡场 办养牛场手续
ZW131 开个宠物诊所 给猫狗看病的店
ZW133 开种子农药店 农药铺
ZW135 买了拖拉机 收割机牌照
ZW136 长江打鱼 渔民证
ZW137 地被邻居占了 村里分地纠纷 租出去的田收不回 转包的田要不回来 邻居占我家的田
ZW138 一亩地补多少钱 种地的钱没发 粮食补贴没到 种麦子有补贴吗 惠农补贴 田亩钱
ZW140 搭蔬菜棚 建个猪圈 盖鸡棚占地
ZW141 货车拉货要什么证 跑大货车证
ZW146 考了教资怎么认定 办教师证 jszgz 报教师资格 当老师要什么证
ZW147 孩子身体不好晚一年上学 申请休学 伢生病想停学 孩子生病休学
ZW148 办私人幼儿园
ZW150 学费交不起 孩子上大学没钱 家里穷娃读不起书 困难家庭学生资助 读高中没钱 贫困学生补助 家里穷读不起书 学生困难补助
ZW153 开个卡拉OK厅
ZW165 买房要纳税证明 个人完税 查自己交的个税 个税完税证明 银行要纳税证明
ZW166 补缴社保 养老保险缴费 今年的医保费
ZW168 小店卖烟 烟草专卖证怎么办 办个烟证 烟草许可 卖香烟要证吗
ZW170 邻居装修吵架 土墙界扯皮 夫妻吵架调解 欠钱不还找人调解 邻居把我家墙撞了不赔 两口子打架 找调解员 和邻居闹矛盾 邻居漏水扯皮
ZW172 办残疾本 耳聋办证 中风偏瘫办证 眼睛瞎办残疾证 办残疾证要什么 手指断了能办残疾证吗 canjizheng 眼睛看不见办证
ZW173 假牙假肢 申请助行器 想要个轮椅
ZW175 退伍拿多少钱 当兵退伍费 义务兵退伍补偿金
ZW176 退役回来报到 当兵退伍回来怎么办手续 刚从部队退伍 部队回来报到
ZW177 伤残军人抚恤
ZW178 孩子民族随妈妈 民族改成土家族
ZW180 公积金提出来 离职取公积金 公积金还房贷 租房取公积金 买房取公积金 装修取公积金 取住房公积金 租房提公积金
ZW181 公积金贷款买房 公积金贷款利息 用公积金买房
ZW182 想看征地文件 要求公开信息 申请信息公开
ZW183 装自来水表 停水了要装水管 新房通水 报装自来水 家里通自来水
ZW185 十八岁登记当兵 大学生参军 想当兵怎么报名 女兵报名
ZW186 小区选业委会
ZW187 想开个饭馆 开个烧烤摊 盘了个奶茶店 开粉店 开一家饭馆 小吃店
ZW188 孩子刚生下来要办哪些 生了二娃怎么办手续 宝宝刚出生要办什么 生孩子要办哪些证
ZW190 外地孩子在这上学 小学一年级报名 孩子转学到城里 娃要上初中 打工子女上学 报小学 幼儿园升小学 孩子上一年级
ZW191 女工五十岁退休 退休办理 企业职工退休
"""
ROWS = [row.split() for row in (MEANT + SAID_IN_WUHAN + SENTENCES).splitlines() if row]


def first(q: str) -> Item | None:
    words = q.split()
    return next(iter(FINDER.named(words) or FINDER.near(words)), None)


def test_there_are_many_words() -> None:
    assert sum(len(words) for _, *words in ROWS) > 600 and len(sayings().of) > 1000


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_the_item_that_is_meant_stands_first(row: list[str]) -> None:
    item_id, *words = row
    found = {word: first(word) for word in words}
    assert {word: one and one.name for word, one in found.items() if one is None or one.item_id != item_id} == {}


@pytest.mark.parametrize(
    ("typed", "item_id"),
    [("社宝卡", "ZW050"), ("残疾正", "ZW172"), ("结昏", "ZW027"), ("老年征", "ZW073"), ("身份正", "ZW005"), ("shebaoka", "ZW050"), ("sbk", "ZW050"),
     ("SFZ", "ZW005"), ("宅基", "ZW095"), ("社保 卡", "ZW050"), ("ｓｂｋ", "ZW050"), ("社\u200b保卡", "ZW050"),
     ("“社保卡”", "ZW050"), ("养老保险待遇", "ZW038"),
     ("残疾人正", "ZW172"), ("准升证", "ZW070"), ("低宝", "ZW020"), ("zw026", "ZW026"), ("ZW026", "ZW026"), ("高龄金贴", "ZW026"),
     ("营业执造", "ZW076"),
     ("孤尔", "ZW022"), ("退五费", "ZW175"), ("一件事", "ZW191")],
)  # fmt: skip
def test_slips_parts_and_pinyin_are_understood(typed: str, item_id: str) -> None:
    found = first(typed)
    assert found is not None and found.item_id == item_id, (typed, found and found.name)


@pytest.mark.parametrize("word", ["个体户执照", "办个体户", "个体营业执照", "想办个执照", "摆摊", "个体户"])
def test_who_wants_to_open_a_business_is_not_sent_to_close_it(word: str) -> None:
    closing = next(item for item in ITEMS if item.item_id == "ZW075")
    opening = dataclasses.replace(closing, item_id="X", name="个体工商户设立登记")
    assert Finder([*ITEMS, opening], sayings()).named([word])[0] is opening
    assert word == "个体户" or FINDER.named([word])[0] is not closing  # where the catalog has no item for opening


def test_parts_of_a_saying_must_all_be_said() -> None:
    said = Sayings({"岁+补贴": ["高龄津贴"], "孩子": ["出生登记"], "社保卡": ["社会保障卡"]}, weak=["孩子"])
    finder = Finder(ITEMS, said)
    assert [item.item_id for item in finder.named(["85岁了有啥补贴"])] == ["ZW026"]
    assert [item.item_id for item in finder.named(["孩子的社宝卡"])] == ["ZW050", "ZW001"]
    assert finder.named(["85岁了"]) == finder.named(["有啥补贴"]) == []


def test_a_name_to_the_letter_stands_first() -> None:
    for item in ITEMS:
        assert FINDER.named([item.name])[0].item_id == item.item_id, item.name


def test_every_saying_means_an_item_of_some_catalog() -> None:
    unknown = [word for word in sayings().of if not FINDER.named([word])]
    assert all(any(part in word for part in ("港", "澳", "台湾", "签注", "通行证", "名", "改姓")) for word in unknown), unknown


@pytest.mark.parametrize("words", [["护照", "消防验收"], ["qqqq"], [""], ["·"], ["\u200b"], ["a" * 100]])
def test_what_nothing_fits_finds_nothing(words: list[str]) -> None:
    assert FINDER.named(words) == []


@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_words_are_answered(words: list[str]) -> None:
    FINDER.named(words)
    FINDER.near(words)
    FINDER.meant(words)


@pytest.mark.parametrize(
    ("one", "other"), [("社保卡", "社宝卡"), ("社保卡", "社保"), ("社保卡", "社保卡卡"), ("社保卡", "保社卡")]
)
def test_one_slip(one: str, other: str) -> None:
    assert one_slip(one, other) and one_slip(other, one) and not one_slip(one, one)


def test_two_slips_are_too_many() -> None:
    assert not one_slip("社保卡", "社会卡片") and not one_slip("身份证", "残疾证")


@pytest.mark.parametrize(
    ("said", "core"),
    [("怎么办护照", "护照"), ("我要办社保卡", "社保卡"), ("办理", "办理"), ("居住证办理材料", "居住证"), ("护照", "护照")],
)
def test_the_word_that_matters(said: str, core: str) -> None:
    assert core_of(said) == core
