"""Names, Chinese headings, labels and units of every registry table: the data dictionary as data.

Each `Table` lists its `Column`s in the order our own exports write them. A heading of an export is
matched to a column through `Column.headings` after `plain_heading` has removed spaces, full-width
forms and bracketed units. Labels are mapped to English codes, never numbers to numbers, because
code numbers differ between systems.

Source: data dictionary sections 0-15 and 20; area codes GB/T 2260.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Mapping

KINDS = (
    "text",
    "code",
    "set",
    "flag",
    "integer",
    "number",
    "money",
    "date",
    "month",
    "due",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a registry table.

    Attributes
    ----------
    name, zh : str
        The package's name and the heading that our own exports write.
    kind : str
        One of `KINDS`. ``money`` is stored in yuan whatever the export's unit; ``month`` is a date
        of which only year and month are known (stored as the first day); ``due`` is a planned
        date, which may lie after the day the row was known.
    aliases : tuple of str
        Other headings seen for the same column.
    unit : str
        Unit of the export: 元, 万元, 亩, 平方米, 公里, 月, 天; empty for none.
    labels : mapping, label -> code
        Allowed labels of a ``code`` or ``set`` column; the first label of a code is written.
    private : bool
        Kept in the side table only: names, numbers, phones, accounts, diagnoses.
    signature : bool
        The table is recognised only when this heading is present.
    dated_by : str
        Column whose date tells since when this value is known; empty means the row's own date.
    """

    name: str
    zh: str
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    signature: bool = False
    dated_by: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """All accepted headings in plain form, the field name itself included."""
        return tuple(
            dict.fromkeys(plain_heading(h) for h in (self.zh, *self.aliases, self.name))
        )

    def label(self, code: str) -> str:
        """Chinese label of a code.

        Raises
        ------
        KeyError
            The code is not in the list.
        """
        for label, known in self.labels.items():
            if known == code:
                return label
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Table:
    """One registry table or ledger.

    Attributes
    ----------
    name, zh : str
        Name in the store and title of the export.
    key : tuple of str
        Columns that identify a row.
    columns : tuple of Column
    known : str
        Column that says when a row became known; ``"snapshot"`` means 30 September of that year,
        empty means always known (lists that carry no date).
    """

    name: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    known: str = ""

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def yearly(self) -> bool:
        """Whether the table is a yearly snapshot."""
        return "snapshot" in self.key


@cache
def columns_by_heading(table: str) -> Mapping[str, Column]:
    """Plain heading -> column of a table; where two columns share a heading the first keeps it."""
    found: dict[str, Column] = {}
    for column in TABLES[table].columns:
        for heading in column.headings:
            found.setdefault(heading, column)
    return MappingProxyType(found)


def plain_heading(text: object) -> str:
    """Heading without spaces, full-width forms, brackets' content, asterisks or line breaks.

    「耕地面积（亩）」, 「耕地面积(亩)」 and 「 耕地面积 」 become one string.
    """
    plain = unicodedata.normalize("NFKC", str(text))
    plain = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", plain)
    return re.sub(r"[\s*:：\u200b\ufeff]+", "", plain).lower()


# --- code lists --------------------------------------------------------------------------------

COUNTIES = MappingProxyType(
    {
        "210702": "古塔区",
        "210703": "凌河区",
        "210711": "太和区",
        "210726": "黑山县",
        "210727": "义县",
        "210781": "凌海市",
        "210782": "北镇市",
    }
)
COUNTIES_EN = MappingProxyType(
    {
        "210702": "Guta District",
        "210703": "Linghe District",
        "210711": "Taihe District",
        "210726": "Heishan County",
        "210727": "Yixian County",
        "210781": "Linghai City",
        "210782": "Beizhen City",
    }
)
AREA_ALIASES = MappingProxyType({"北宁市": "210782", "锦县": "210781"})
"""Names of older tables; `facts.md` section 9."""

STATUS = {
    "未脱贫": "poor",
    "预脱贫": "planned_exit",
    "已脱贫": "exited",
    "返贫": "returned",
    "已脱贫(享受政策)": "exited",
    "已脱贫(不再享受政策)": "exited",
    "脱贫(享受政策)": "exited",
    "脱贫(不再享受政策)": "exited",
}
POOR_NOW = ("poor", "planned_exit", "returned")
"""Status codes counted together as now poor (dictionary section 1)."""

STANDARD = {"国家标准": "national", "省定标准": "provincial"}
CATEGORY = {
    "一般贫困户": "ordinary",
    "低保贫困户": "dibao",
    "五保(特困供养)贫困户": "tekun",
    "五保贫困户": "tekun",
    "特困供养贫困户": "tekun",
    "低保特困供养": "dibao_tekun",
    "一般脱贫户": "ordinary",
    "低保脱贫户": "dibao",
    "特困供养脱贫户": "tekun",
}
HOUSEHOLD_TYPE = {
    "脱贫户": "exited",
    "一般农户": "ordinary",
    "一般户": "ordinary",
    "监测户": "monitored",
}
MONITORING = {
    "脱贫不稳定户": "unstable_exit",
    "边缘易致贫户": "marginal",
    "突发严重困难户": "sudden_hardship",
    "边缘户": "marginal",
}
CAUSE = {
    "因病": "illness",
    "因残": "disability",
    "因学": "schooling",
    "因灾": "disaster",
    "缺土地": "land",
    "缺水": "water",
    "缺技术": "skills",
    "缺劳动力": "labour",
    "缺劳力": "labour",
    "缺资金": "capital",
    "交通条件落后": "transport",
    "自身发展动力不足": "motivation",
    "因丧": "funeral",
    "因婚": "marriage",
    "其他": "other",
}
SEX = {"男": "male", "女": "female"}
ID_TYPE = {"居民身份证": "identity_card", "残疾人证": "disability_card"}
RELATION = {
    "户主": "head",
    "配偶": "spouse",
    "之子": "son",
    "之女": "daughter",
    "之儿媳": "daughter_in_law",
    "之女婿": "son_in_law",
    "之孙子": "grandson",
    "之孙女": "granddaughter",
    "之外孙子": "daughters_son",
    "之外孙女": "daughters_daughter",
    "之父": "father",
    "之母": "mother",
    "之岳父": "wifes_father",
    "之岳母": "wifes_mother",
    "之公公": "husbands_father",
    "之婆婆": "husbands_mother",
    "之祖父": "grandfather",
    "之祖母": "grandmother",
    "之外祖父": "mothers_father",
    "之外祖母": "mothers_mother",
    "之兄弟姐妹": "sibling",
    "之曾孙子": "great_grandson",
    "之曾孙女": "great_granddaughter",
    "之侄儿": "nephew",
    "之侄女": "niece",
    "之兄弟媳妇": "brothers_wife",
    "之叔伯": "uncle",
    "其他": "other",
}
POLITICAL = {
    "中共党员": "party_member",
    "中共预备党员": "probationary_member",
    "共青团员": "youth_league",
    "群众": "masses",
}
EDUCATION = {
    "文盲或半文盲": "illiterate",
    "小学": "primary",
    "初中": "junior",
    "高中": "senior",
    "大专": "college",
    "本科及以上": "university",
    "大专及以上": "college",
}
_YEARS = "一二三四五"
SCHOOL = {
    "非在校生": "not_in_school",
    "学龄前儿童": "preschool_age",
    "学前教育": "kindergarten",
    "小学": "primary",
    "七年级": "grade_7",
    "八年级": "grade_8",
    "九年级": "grade_9",
    **{f"普通高中{_YEARS[i]}年级": f"senior_{i + 1}" for i in range(3)},
    **{f"中职{_YEARS[i]}年级": f"vocational_{i + 1}" for i in range(3)},
    **{f"高职高专{_YEARS[i]}年级": f"college_{i + 1}" for i in range(3)},
    **{f"技师学院{_YEARS[i]}年级": f"technician_{i + 1}" for i in range(4)},
    **{f"本科{_YEARS[i]}年级": f"university_{i + 1}" for i in range(5)},
    "硕士研究生及以上": "postgraduate",
}
NO_SCHOOL_REASON = {
    "因病": "illness",
    "因残": "disability",
    "因厌学": "unwilling",
    "其他": "other",
}
HEALTH = {
    "健康": "healthy",
    "长期慢性病": "chronic",
    "患有大病": "serious",
    "残疾": "disabled",
}
DISABILITY = {
    "视力": "sight",
    "听力": "hearing",
    "言语": "speech",
    "肢体": "limb",
    "智力": "intellectual",
    "精神": "mental",
    "多重": "multiple",
}
LABOUR = {
    "技能劳动力": "skilled",
    "普通劳动力": "ordinary",
    "弱劳动力或半劳动力": "weak",
    "丧失劳动力": "lost",
    "无劳动力": "none",
}
ABLE = ("skilled", "ordinary")
"""Labour codes counted as able to work."""
WORK_PLACE = {
    "乡(镇)内": "township",
    "乡镇内": "township",
    "乡外县内": "county",
    "县外省内": "province",
    "省外": "outside",
    "其他": "other",
}
CHANGE = {"自然增加": "natural_increase", "自然减少": "natural_decrease"}
GRADE = {
    "A级": "A",
    "B级": "B",
    "C级": "C",
    "D级": "D",
    "A": "A",
    "B": "B",
    "C": "C",
    "D": "D",
    "无房": "none",
}
ACCESS_ROAD = {
    "泥土路": "earth",
    "砂石路": "gravel",
    "水泥路": "concrete",
    "沥青路": "asphalt",
    "砖铺路": "brick",
}
FUEL = {
    "柴草": "firewood",
    "干畜粪": "dung",
    "煤炭": "coal",
    "清洁能源": "clean",
    "其他": "other",
}
MEASURE = {
    "产业帮扶": "industry",
    "就业帮扶": "employment",
    "金融帮扶": "finance",
    "公益岗位帮扶": "public_job",
    "住房安全保障": "housing",
    "饮水安全保障": "water",
    "健康帮扶": "health",
    "健康扶贫": "health",
    "义务教育保障": "compulsory_education",
    "教育帮扶": "education",
    "其他教育帮扶": "education",
    "雨露计划": "education",
    "综合保障": "social_protection",
    "社会帮扶": "social",
    "搬迁": "relocation",
    "生产生活条件改善": "living_conditions",
    "基础设施建设": "infrastructure",
    "小额信贷": "finance",
    "危房改造": "housing",
}
PROJECT = {
    "产业": "industry",
    "基础设施": "infrastructure",
    "教育": "education",
    "健康": "health",
    "危房": "housing",
    "就业": "employment",
    "金融": "finance",
    "管理费": "administration",
}
BUILD = {"新建": "new", "续建": "continued"}
LEVEL = {
    "中央": "central",
    "省": "province",
    "市": "city",
    "县": "county",
    "涉农整合": "integrated",
    "社会": "society",
}
OWN_USE = {"户贷户用户还": "own", "户贷企用": "enterprise"}
LOAN_PURPOSE = {
    "种植": "crops",
    "养殖": "livestock",
    "加工": "processing",
    "经商": "trade",
    "其他": "other",
}
INSURANCE = {
    "城乡居民基本医疗保险": "resident",
    "居民医保": "resident",
    "新农合": "resident",
    "390": "resident",
    "职工基本医疗保险": "employee",
    "职工医保": "employee",
    "310": "employee",
}
MED_TYPE = {
    "普通门诊": "outpatient",
    "门诊": "outpatient",
    "11": "outpatient",
    "门诊慢特病": "chronic_outpatient",
    "14": "chronic_outpatient",
    "住院": "inpatient",
    "普通住院": "inpatient",
    "21": "inpatient",
}
HOSPITAL_PLACE = {
    "县内": "county",
    "市内县外": "city",
    "省内市外": "province",
    "省外": "outside",
}
BATCH = {
    "大病集中救治": "serious_illness_treated",
    "慢病签约管理": "chronic_contracted",
    "重病兜底保障": "safety_net",
}
CHRONIC = {
    "高血压": "hypertension",
    "糖尿病": "diabetes",
    "结核病": "tuberculosis",
    "严重精神障碍": "severe_mental",
    "其他": "other",
}
SUBJECT = {
    "建档立卡": "registered",
    "低保": "dibao",
    "分散供养特困": "tekun",
    "贫困残疾人": "disabled",
}
HOUSING_BATCH = {
    "省扶贫系统年初": "batch_950",
    "省住建厅8月": "batch_938",
    "回头看": "lookback",
    "其他": "other",
}
REBUILD = {
    "新建翻建": "rebuild",
    "新建": "rebuild",
    "翻建": "rebuild",
    "修缮加固": "repair",
    "置换": "exchange",
    "租赁": "rent",
    "投亲": "relatives",
}
ACCEPTANCE = {"合格": "pass", "不合格": "fail"}
DEFECT = {
    "以次充好": "inferior_material",
    "偷工减料": "skimped_work",
    "质量不达标": "below_standard",
}
RISK = {
    "因病": "illness",
    "因残": "disability",
    "因学": "schooling",
    "缺劳动力": "labour",
    "因务工就业不稳": "unstable_work",
    "因产业项目失败": "failed_industry",
    "因自然灾害": "disaster",
    "因意外事故": "accident",
    "因安全住房": "housing",
    "因安全饮水": "water",
    "其他": "other",
}
SOURCE = {
    "农户自主申报": "self_report",
    "干部排查": "cadre_check",
    "部门筛查预警": "department_warning",
}
CLEAR_MODE = {"帮扶消除": "helped", "自然消除": "natural"}
EVENT = {
    "识别": "identified",
    "新识别": "newly_identified",
    "返贫": "returned",
    "脱贫": "exited",
    "清退": "removed",
    "户内新增": "member_added",
    "自然增加": "natural_increase",
    "自然减少": "natural_decrease",
    "整户识别": "identified",
    "监测识别": "monitored",
    "风险消除": "risk_cleared",
    "回退": "reverted",
}
CHECK_FINDING = {
    "一致": "consistent",
    "收入错": "income_wrong",
    "人口漏": "member_missing",
    "错评": "wrongly_identified",
    "漏评": "missed",
    "错退": "wrongly_exited",
    "住房不实": "housing_untrue",
    "饮水": "water",
    "医保": "insurance",
    "教育": "education",
    "政策未落实": "policy_not_applied",
}
FRAME = {
    "脱贫户": "exited",
    "未脱贫户": "poor",
    "非建档立卡户": "unregistered",
    "重点走访": "targeted",
    "随机抽查": "random",
}
VISIT_REASON = {
    "名单走访": "list",
    "随机走访": "random",
    "日常走访": "routine",
    "八必访": "must_visit",
    "群众申请": "requested",
}
VISIT_RESULT = {
    "稳定": "stable",
    "有风险": "at_risk",
    "已返贫": "returned",
    "无法联系": "unreachable",
    "不属实": "untrue",
}
JOB_STATE = {
    "已就业": "employed",
    "未就业": "unemployed",
    "升学": "further_study",
    "参军": "army",
}
NOTICE = {"第一次公示": "first", "第二次公示": "second", "公告": "announcement"}


# --- tables ------------------------------------------------------------------------------------

_C = Column
_SNAPSHOT = _C("snapshot", "年度", "integer", ("数据年度", "年份"), signature=True)
_HOUSEHOLD = _C("household_id", "户编号", aliases=("户编码",), signature=True)
_PERSON = _C("person_id", "人编号", aliases=("人口编号", "人员编号"), signature=True)
_PLACE = (
    _C("county_name", "县(市、区、旗)", aliases=("县", "区县", "县市区", "县(市、区)")),
    _C("town", "乡(镇)", aliases=("乡", "乡镇")),
    _C("village", "行政村", aliases=("村",)),
    _C("area_code", "行政区划代码", aliases=("村编码", "行政村代码")),
)


def _money(name: str, zh: str, *aliases: str, unit: str = "元", **more) -> Column:
    return Column(name, zh, "money", aliases, unit=unit, **more)


def _flag(name: str, zh: str, *aliases: str, **more) -> Column:
    return Column(name, zh, "flag", aliases, **more)


def _code(
    name: str, zh: str, labels: Mapping[str, str], *aliases: str, **more
) -> Column:
    return Column(name, zh, "code", aliases, labels=labels, **more)


def _date(name: str, zh: str, *aliases: str, **more) -> Column:
    return Column(name, zh, "date", aliases, **more)


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            Table(
                "household",
                "建档立卡户信息",
                ("household_id", "snapshot"),
                (
                    _SNAPSHOT,
                    *_PLACE,
                    _C("hamlet", "自然村", private=True),
                    _HOUSEHOLD,
                    _C("head_name", "户主姓名", private=True, signature=True),
                    _C(
                        "head_id_number",
                        "户主证件号码",
                        aliases=("户主身份证号",),
                        private=True,
                    ),
                    _C("head_person_id", "户主编号", aliases=("户主人编号",)),
                    _C("household_size", "家庭人口数", "integer", ("人数", "家庭人口")),
                    _C("phone", "户联系电话", aliases=("联系电话",), private=True),
                    _C("bank_name", "开户银行名称", private=True),
                    _C("bank_account", "银行卡号", private=True),
                    _code("identification_standard", "识别标准", STANDARD),
                    _code("registration_status", "脱贫属性", STATUS, signature=True),
                    _C("exit_year", "脱贫年度", "integer"),
                    _C("first_identified_on", "首次识别时间", "month", ("识别时间",)),
                    _code("household_category", "贫困户属性", CATEGORY),
                    _code("household_type", "户类型", HOUSEHOLD_TYPE),
                    _code(
                        "monitoring_category",
                        "监测对象类别",
                        MONITORING,
                        "易返贫致贫户(监测对象)类型",
                        "监测对象类型",
                    ),
                    _code("primary_cause", "主要致贫原因", CAUSE),
                    _C(
                        "secondary_causes",
                        "次要致贫原因",
                        "set",
                        ("其他致贫原因",),
                        labels=CAUSE,
                    ),
                    _flag("is_martyr_family", "是否军烈属"),
                    _flag("relocated", "是否易地扶贫搬迁户"),
                    _date("relocated_on", "搬迁时间"),
                    _flag("all_without_labour", "整户无劳动能力兜底保障户"),
                    _C("helper_id", "帮扶责任人", aliases=("帮扶人编号",)),
                ),
                known="snapshot",
            ),
            Table(
                "member",
                "建档立卡家庭成员信息",
                ("person_id", "snapshot"),
                (
                    _SNAPSHOT,
                    _HOUSEHOLD,
                    _PERSON,
                    _C("name", "姓名", private=True),
                    _code("id_type", "证件类型", ID_TYPE),
                    _C(
                        "id_number",
                        "证件号码",
                        aliases=("身份证号", "身份证号码", "公民身份号码"),
                        private=True,
                    ),
                    _code("sex", "性别", SEX),
                    _date("birth_date", "出生日期"),
                    _code("relation_to_head", "与户主关系", RELATION, signature=True),
                    _C("ethnicity", "民族"),
                    _code("political_status", "政治面貌", POLITICAL),
                    _code("education", "文化程度", EDUCATION),
                    _code("school_status", "在校生状况", SCHOOL, "在校生情况"),
                    _code(
                        "out_of_school_reason",
                        "失学或辍学原因",
                        NO_SCHOOL_REASON,
                        "义务教育阶段未上学原因",
                    ),
                    _C("health_status", "健康状况", "set", labels=HEALTH),
                    _code("disability_type", "残疾类别", DISABILITY),
                    _C("disability_grade", "残疾等级", "integer"),
                    _C("disability_cert_year", "残疾证办证年度", "integer"),
                    _code("labour_capacity", "劳动技能", LABOUR, "劳动能力"),
                    _code("work_place", "务工所在地", WORK_PLACE, "务工状况"),
                    _C(
                        "work_months",
                        "务工时间(月)",
                        "number",
                        ("务工时间", "务工月数"),
                        unit="月",
                    ),
                    _money("work_monthly_income", "务工月收入"),
                    _C("employer", "务工企业名称", private=True),
                    _C("public_job_type", "公益性岗位类型", aliases=("公益性岗位",)),
                    _C("public_job_months", "公益性岗位月数", "number", unit="月"),
                    _flag("has_dibao", "是否享受低保", "享受低保政策情况"),
                    _flag("has_tekun", "是否特困供养人员"),
                    _flag(
                        "has_resident_insurance",
                        "是否参加城乡居民基本医疗保险",
                        "是否参加新型农村合作医疗(城乡居民基本医疗保险)",
                        "是否参加新型农村合作医疗",
                        "是否参加新农合",
                    ),
                    _flag("has_employee_insurance", "是否参加城镇职工基本医疗保险"),
                    _flag("has_catastrophic_insurance", "是否参加大病保险"),
                    _flag("has_commercial_insurance", "是否参加商业补充医疗保险"),
                    _flag(
                        "received_medical_aid",
                        "是否接受医疗救助",
                        "是否接受大病医疗救助",
                    ),
                    _flag(
                        "has_pension",
                        "是否参加城乡居民基本养老保险",
                        "是否参加城乡居民(城镇职工)基本养老保险",
                        "是否参加城镇职工基本养老保险",
                    ),
                    _C(
                        "person_identified_on",
                        "人员识别时间",
                        "month",
                        ("贫困人员识别时间",),
                    ),
                    _code("change_kind", "人员增减", CHANGE),
                    _C("change_reason", "人员增减原因", aliases=("增减原因",)),
                ),
                known="snapshot",
            ),
            Table(
                "income",
                "家庭收入信息",
                ("household_id", "snapshot"),
                (
                    _SNAPSHOT,
                    _HOUSEHOLD,
                    _money("wage_income", "工资性收入", signature=True),
                    _money("business_income", "生产经营性收入"),
                    _money("business_expense", "生产经营性支出"),
                    _money("property_income", "财产性收入"),
                    _money("asset_dividend", "资产收益扶贫分红收入"),
                    _money("other_property", "其他财产性收入"),
                    _money("transfer_income", "转移性收入"),
                    _money("family_planning_subsidy", "计划生育金"),
                    _money("dibao_payment", "低保金"),
                    _money("tekun_payment", "特困供养金", "五保金"),
                    _money("pension_payment", "养老保险金"),
                    _money("eco_compensation", "生态补偿金"),
                    _money("other_transfer", "其他转移性收入"),
                    _money("total_income", "年总收入", "年收入"),
                    _money("net_income", "纯收入", "家庭纯收入", signature=True),
                    _money("net_income_pc", "人均纯收入"),
                    _money("claims_income", "家庭理赔收入"),
                    _money("compliant_oop", "合规自付支出"),
                    _money("monitoring_income", "纳入监测对象的收入参考范围"),
                    _money("monitoring_income_pc", "人均纳入监测对象的收入参考范围"),
                ),
                known="snapshot",
            ),
            Table(
                "living",
                "生产生活条件信息",
                ("household_id", "snapshot"),
                (
                    _SNAPSHOT,
                    _HOUSEHOLD,
                    _C("arable_mu", "耕地面积", "number", unit="亩", signature=True),
                    _C("forest_mu", "林地面积", "number", unit="亩"),
                    _C("reforested_mu", "退耕还林面积", "number", unit="亩"),
                    _C("orchard_mu", "林果面积", "number", unit="亩"),
                    _C("pasture_mu", "牧草地面积", "number", unit="亩"),
                    _C("water_mu", "水面面积", "number", unit="亩"),
                    _C("dwelling_m2", "住房面积", "number", unit="平方米"),
                    _flag("unsafe_dwelling", "是否危房户"),
                    _code("dwelling_grade", "危房级别", GRADE),
                    _flag("safe_water", "是否解决安全饮用水"),
                    _flag("power_production", "是否通生产用电"),
                    _flag("power_home", "是否通生活用电"),
                    _flag("broadcast", "是否通广播电视"),
                    _code("access_road", "入户路类型", ACCESS_ROAD),
                    _C("road_distance_km", "与村主干路距离", "number", unit="公里"),
                    _code("fuel", "主要燃料类型", FUEL),
                    _flag("toilet", "是否有卫生厕所"),
                    _flag("in_cooperative", "是否加入农民专业合作组织"),
                    _flag("led_by_enterprise", "是否有龙头企业带动"),
                    _flag("led_by_leader", "是否有创业致富带头人带动"),
                ),
                known="snapshot",
            ),
            Table(
                "measure",
                "帮扶措施台账",
                ("household_id", "measure_type", "started_on", "project_id"),
                (
                    _HOUSEHOLD,
                    _code("measure_type", "措施类型", MEASURE, signature=True),
                    _date("started_on", "开始日期", signature=True),
                    _C("ended_on", "结束日期", "due"),
                    _C("project_id", "项目编号"),
                    _money("amount_yuan", "金额"),
                    _code("funded_by", "资金来源", LEVEL),
                    _C("helper_id", "帮扶责任人", aliases=("帮扶人编号",)),
                    _C("person_id", "人编号", aliases=("人口编号",)),
                    _money("expected_income", "预期收入"),
                ),
                known="started_on",
            ),
            Table(
                "project",
                "扶贫项目库",
                ("project_id",),
                (
                    _C("project_id", "项目编号", signature=True),
                    _C("project_name", "项目名称", signature=True),
                    _code("project_type", "项目类型", PROJECT),
                    _C("project_subtype", "项目子类型"),
                    *_PLACE,
                    _code("build_kind", "建设性质", BUILD),
                    _C("content", "建设内容"),
                    _C("department", "主管部门"),
                    _C("implementer", "实施单位"),
                    _C("responsible", "责任人", private=True),
                    _C("plan_year", "规划年度", "integer", signature=True),
                    _C("planned_start", "计划开工日期", "due", ("计划开工",)),
                    _C("planned_end", "计划完工日期", "due", ("计划完工",)),
                    _date("started_on", "实际开工日期", "实际开工"),
                    _date("finished_on", "实际完工日期", "实际完工"),
                    _date("accepted_on", "验收日期"),
                    _money("budget_total", "预算总投资", unit="万元"),
                    _money("budget_central", "其中:中央", "中央资金", unit="万元"),
                    _money("budget_province", "其中:省", "省级资金", unit="万元"),
                    _money("budget_city", "其中:市", "市级资金", unit="万元"),
                    _money("budget_county", "其中:县", "县级资金", unit="万元"),
                    _money("budget_other", "其中:其他", "其他资金", unit="万元"),
                    _C("beneficiary_households", "受益户数", "integer"),
                    _C("beneficiary_persons", "受益人数", "integer"),
                    _C("perf_target", "绩效目标"),
                    _C("perf_self_score", "绩效自评得分", "number"),
                    _date("disclosed_plan_on", "计划公示日期"),
                    _date("disclosed_done_on", "完工公示日期"),
                ),
            ),
            Table(
                "fund",
                "资金指标台账",
                ("fund_id",),
                (
                    _C("fund_id", "资金编号", signature=True),
                    _C("project_id", "项目编号"),
                    _C("allocation_doc", "资金文号"),
                    _code("level", "资金级次", LEVEL, "资金来源"),
                    _date("allocated_on", "下达日期", signature=True),
                    _money("allocated_amount", "指标金额", unit="万元", signature=True),
                    _money("carried_over", "结转结余", unit="万元"),
                ),
                known="allocated_on",
            ),
            Table(
                "payment",
                "资金拨付台账",
                ("payment_id",),
                (
                    _C("payment_id", "支付编号", signature=True),
                    _C("fund_id", "资金编号"),
                    _C("project_id", "项目编号"),
                    _date("paid_on", "拨付日期", signature=True),
                    _money("paid_amount", "拨付金额", unit="万元", signature=True),
                    _C("payee", "支付对象", private=True),
                    _C("pay_method", "支付方式"),
                ),
                known="paid_on",
            ),
            Table(
                "project_household",
                "项目带户台账",
                ("project_id", "household_id"),
                (
                    _C("project_id", "项目编号", signature=True),
                    _HOUSEHOLD,
                    _C("link_mechanism", "带贫机制", signature=True),
                ),
            ),
            Table(
                "loan",
                "扶贫小额信贷台账",
                ("loan_id",),
                (
                    _C("loan_id", "贷款编号", signature=True),
                    _HOUSEHOLD,
                    _C("borrower_id", "借款人证件号码", private=True),
                    _C("bank", "承贷银行"),
                    _money("contract_amount", "合同金额", signature=True),
                    _date("disbursed_on", "放款日", "放款日期"),
                    _C("due_on", "到期日", "due", ("到期日期",)),
                    _C("rate", "利率", "number", unit="%"),
                    _flag("subsidised", "是否贴息"),
                    _money("subsidy_amount", "贴息金额"),
                    _code("purpose", "用途", LOAN_PURPOSE),
                    _code("own_use", "户贷户用", OWN_USE, "贷款使用方式"),
                    _money("balance", "余额"),
                    _money("overdue_principal", "逾期本金"),
                    _C("overdue_days", "逾期天数", "integer", unit="天"),
                    _flag("npl", "不良"),
                    _flag("extended", "展期"),
                    _flag("renewed", "续贷"),
                    _money("risk_compensated", "风险补偿"),
                ),
                known="disbursed_on",
            ),
            Table(
                "visit",
                "医疗费用结算",
                ("setl_id",),
                (
                    _C("mdtrt_id", "就诊ID"),
                    _C("setl_id", "结算ID", signature=True),
                    _C("psn_no", "人员编号", private=True),
                    _C(
                        "certno",
                        "证件号码",
                        aliases=("身份证号", "身份证号码"),
                        private=True,
                        signature=True,
                    ),
                    _code("insutype", "险种类型", INSURANCE),
                    _C("psn_type", "人员类别"),
                    _code("med_type", "医疗类别", MED_TYPE),
                    _C("fixmedins_code", "定点医疗机构编号"),
                    _C(
                        "fixmedins_name",
                        "定点医疗机构名称",
                        aliases=("就诊医院", "医疗机构"),
                    ),
                    _code("hospital_place", "就医地点", HOSPITAL_PLACE),
                    _date("admitted_on", "入院日期", "入院", "就诊日期"),
                    _date("discharged_on", "出院日期", "出院"),
                    _C("diag_code", "主诊断编码", aliases=("疾病编码",), private=True),
                    _C(
                        "diag_name",
                        "主诊断名称",
                        aliases=("疾病名称", "诊断"),
                        private=True,
                    ),
                    _date("setl_time", "结算时间", "结算日期", signature=True),
                    _money("medfee_sumamt", "医疗费总额", "总费用", "医疗总费用"),
                    _money("fulamt_ownpay_amt", "全自费金额"),
                    _money("overlmt_selfpay", "超限价自费费用"),
                    _money("preselfpay_amt", "先行自付金额"),
                    _money("inscp_scp_amt", "符合政策范围金额", "可报费用"),
                    _money("act_pay_dedc", "实际支付起付线"),
                    _money("hifp_pay", "基本医保统筹基金支出", "基本医保报销"),
                    _money("cvlserv_pay", "公务员补助"),
                    _money("hifes_pay", "企业补充"),
                    _money("hifmi_pay", "居民大病保险资金支出", "大病保险报销"),
                    _money("hifob_pay", "职工大额补助"),
                    _money("maf_pay", "医疗救助基金支出", "医疗救助"),
                    _money("oth_pay", "其他支出", "政府兜底", "商业补充"),
                    _money("fund_pay_sumamt", "基金支付总额"),
                    _money("hosp_part_amt", "医院负担", "医院减免"),
                    _money("psn_part_amt", "个人负担总金额", "个人自付"),
                    _money("acct_pay", "个人账户"),
                    _money("psn_cash_pay", "个人现金"),
                ),
                known="setl_time",
            ),
            Table(
                "health_service",
                "健康扶贫服务台账",
                ("person_id", "snapshot"),
                (
                    _SNAPSHOT,
                    _PERSON,
                    _date("health_card_on", "健康卡发放日期", signature=True),
                    _date("health_record_on", "健康档案日期"),
                    _C("designated_hospital", "定点医院"),
                    _C("family_doctor_team", "家庭医生团队"),
                    _date("contract_signed_on", "签约日期"),
                    _date("checkup_on", "体检日期"),
                    _code("batch", "三个一批类别", BATCH),
                    _code("chronic_kind", "慢性病种类", CHRONIC, private=True),
                    _C("visits_in_year", "年内随访次数", "integer"),
                ),
                known="snapshot",
            ),
            Table(
                "housing",
                "危房改造台账",
                ("household_id", "appraised_on"),
                (
                    _HOUSEHOLD,
                    _date("appraised_on", "鉴定日期", signature=True),
                    _C("appraiser", "鉴定单位"),
                    _code("grade", "等级", GRADE, "危房等级", "鉴定等级"),
                    _code("subject_class", "四类重点对象", SUBJECT),
                    _code(
                        "funding_batch",
                        "资金批次",
                        HOUSING_BATCH,
                        dated_by="allocated_on",
                    ),
                    _date("allocated_on", "资金下达日期"),
                    _code("method", "改造方式", REBUILD, dated_by="started_on"),
                    _date("started_on", "开工日期", "开工"),
                    _date("completed_on", "竣工日期", "竣工"),
                    _date("accepted_on", "验收日期", "验收"),
                    _code("acceptance", "验收结果", ACCEPTANCE, dated_by="accepted_on"),
                    _date("occupied_on", "入住日期", "入住"),
                    _money("subsidy", "补助金额", dated_by="completed_on"),
                    _code("defect", "质量问题", DEFECT, dated_by="completed_on"),
                    _C("builder", "施工单位", dated_by="started_on"),
                    _flag("old_demolished", "旧房拆除", dated_by="occupied_on"),
                ),
                known="appraised_on",
            ),
            Table(
                "village",
                "行政村信息",
                ("area_code", "snapshot"),
                (
                    _SNAPSHOT,
                    *_PLACE,
                    _flag("is_poor_village", "是否贫困村", signature=True),
                    _flag("exited", "是否出列"),
                    _C(
                        "exit_year", "脱贫年度", "integer", ("出列年度", "脱贫出列年度")
                    ),
                    _flag("is_deep_poor", "是否深度贫困村", "深度贫困村"),
                    _C("households", "总户数", "integer"),
                    _C("population", "总人口数", "integer", signature=True),
                    _C("poor_households", "贫困户数", "integer"),
                    _C("poor_persons", "贫困人口数", "integer"),
                    _C("dibao_households", "低保户数", "integer"),
                    _C("dibao_persons", "低保人口数", "integer"),
                    _C("tekun_persons", "特困供养人口数", "integer"),
                    _C("disabled_persons", "残疾人口数", "integer"),
                    _money("collective_income", "村级集体经济收入", unit="万元"),
                    _flag(
                        "paved_road",
                        "到乡镇是否通沥青(水泥)路",
                        "是否通沥青(水泥)路",
                        "是否通沥青水泥路",
                    ),
                    _flag("bus", "是否通客运班车"),
                    _C("unsafe_water_households", "未实现饮水安全户数", "integer"),
                    _C("unsafe_dwellings", "危房户数", "integer"),
                    _C("clinic", "行政村卫生室个数", "integer"),
                    _C("doctors", "执业(助理)医师数", "integer"),
                    _C("culture_rooms", "文化(图书)室个数", "integer", ("文化室个数",)),
                    _C("school", "村小学", "integer"),
                    _C("insured_pension", "参加养老保险人数", "integer"),
                    _C(
                        "resident_cadres",
                        "驻村工作队人数",
                        "integer",
                        ("驻村干部人数",),
                    ),
                    _C("land_mu", "村耕地面积", "number", unit="亩"),
                ),
                known="snapshot",
            ),
            Table(
                "monitoring",
                "监测对象信息",
                ("household_id", "identified_on"),
                (
                    _HOUSEHOLD,
                    _code(
                        "monitoring_category",
                        "监测对象类别",
                        MONITORING,
                        signature=True,
                    ),
                    _C("identified_on", "识别监测时间", "month", signature=True),
                    *(
                        _code(
                            f"risk_{i}",
                            f"致贫返贫风险{i}",
                            RISK,
                            f"致贫/返贫风险{i}",
                            f"返贫致贫风险{i}",
                        )
                        for i in range(1, 6)
                    ),
                    _code("source", "来源", SOURCE),
                    _money("income_at_identification", "识别时人均收入"),
                    _money("compliant_oop", "合规自付支出"),
                    _flag("school_ok", "义务教育有保障"),
                    _flag("medical_ok", "基本医疗有保障"),
                    _flag("dwelling_ok", "住房安全有保障"),
                    _flag("water_ok", "饮水安全有保障"),
                    _flag("risk_cleared", "风险是否已消除", dated_by="cleared_on"),
                    _code(
                        "clear_mode", "风险消除方式", CLEAR_MODE, dated_by="cleared_on"
                    ),
                    _C("cleared_on", "消除监测时间", "month"),
                    _money(
                        "income_at_clearing",
                        "风险消除后人均收入",
                        dated_by="cleared_on",
                    ),
                    _C("contact", "监测联系人", private=True),
                    _C("phone", "联系电话", private=True),
                ),
                known="identified_on",
            ),
            Table(
                "event",
                "动态管理变动台账",
                ("event_id",),
                (
                    _C("event_id", "事件编号", signature=True),
                    _HOUSEHOLD,
                    _C("person_id", "人编号", aliases=("人口编号",)),
                    _code("kind", "变动类型", EVENT, signature=True),
                    _C("persons", "涉及人数", "integer"),
                    _date("happened_on", "发生日期"),
                    _date("recorded_on", "录入日期", signature=True),
                    _code(
                        "reason",
                        "变动原因",
                        {
                            **CAUSE,
                            "死亡": "death",
                            "出生": "birth",
                            "婚入": "married_in",
                            "婚出": "married_out",
                            "户籍迁入": "moved_in",
                            "户籍迁出": "moved_out",
                            "不符合条件": "not_eligible",
                            "户内遗漏": "omitted",
                            "务工就业不稳": "unstable_work",
                            "达到退出标准": "met_exit_standard",
                        },
                    ),
                    _C("approved_by", "审批单位"),
                    _date("meeting_on", "评议会日期"),
                    _date("first_public_on", "第一次公示日期"),
                    _date("second_public_on", "第二次公示日期"),
                    _date("announced_on", "公告日期"),
                    _C("source_round", "来源批次"),
                ),
                known="recorded_on",
            ),
            Table(
                "spot_check",
                "抽查暗访记录",
                ("check_id", "household_id"),
                (
                    _C("check_id", "抽查编号", signature=True),
                    _HOUSEHOLD,
                    _code("sample_frame", "抽样框", FRAME, signature=True),
                    _C("sample_seed", "抽样种子", "integer"),
                    _C("stratum", "层"),
                    _C("weight", "权重", "number"),
                    _date("checked_on", "检查日期"),
                    _C("checker", "检查人", private=True),
                    _C("found", "发现问题", "set", labels=CHECK_FINDING),
                    _C("persons", "涉及人数", "integer"),
                    _money("income_found", "核实收入"),
                    _date("corrected_on", "整改日期"),
                ),
                known="checked_on",
            ),
            Table(
                "home_visit",
                "走访记录",
                ("household_id", "visited_on"),
                (
                    _HOUSEHOLD,
                    _date("visited_on", "走访日期", signature=True),
                    _C("visitor", "走访人", private=True),
                    _code("visit_reason", "走访类型", VISIT_REASON, signature=True),
                    _C("list_id", "名单编号"),
                    _C("draw_probability", "抽取概率", "number"),
                    _C("found", "发现问题", "set", labels=CHECK_FINDING),
                    _C("measure_taken", "采取措施"),
                    _money("income_found", "核实收入"),
                    _code("result", "走访结果", VISIT_RESULT),
                    _date("recorded_on", "录入日期"),
                ),
                known="recorded_on",
            ),
            Table(
                "helper",
                "帮扶责任人",
                ("helper_id",),
                (
                    _C(
                        "helper_id",
                        "帮扶人编号",
                        aliases=("帮扶责任人编号",),
                        signature=True,
                    ),
                    _C("name", "帮扶人姓名", private=True, signature=True),
                    _C("unit", "单位"),
                    _C("post", "职务"),
                    _date("from_on", "开始帮扶日期", "from"),
                    _C("to_on", "结束帮扶日期", "due", ("to",)),
                    _C("phone", "帮扶人电话", private=True),
                ),
            ),
            Table(
                "cadre",
                "驻村干部",
                ("cadre_id",),
                (
                    _C("cadre_id", "驻村干部编号", signature=True),
                    _C("name", "驻村干部姓名", private=True, signature=True),
                    *_PLACE,
                    _C("unit", "派出单位"),
                    _C("post", "职务"),
                    _date("from_on", "驻村开始日期"),
                    _C("days_in_village", "年驻村天数", "integer", unit="天"),
                ),
            ),
            Table(
                "duty",
                "八个责任进展",
                ("department", "task", "reported_on"),
                (
                    _C("department", "责任部门", signature=True),
                    _C("task", "任务", signature=True),
                    _C("target", "目标值", "number"),
                    _C("due_on", "完成时限", "due"),
                    _C("value", "完成值", "number"),
                    _date("reported_on", "上报日期"),
                ),
                known="reported_on",
            ),
            Table(
                "graduate",
                "贫困家庭大学生",
                ("person_id",),
                (
                    _PERSON,
                    _C("school", "毕业院校", signature=True),
                    _C("degree", "学历"),
                    _date("graduated_on", "毕业日期"),
                    _money("loan", "助学贷款", private=True),
                    _code("job_state", "就业状态", JOB_STATE, signature=True),
                    _C("reason", "毕业生未就业原因"),
                    _date("employed_on", "就业日期"),
                    _C("employer", "就业单位", private=True),
                ),
                known="graduated_on",
            ),
            Table(
                "training",
                "技能培训台账",
                ("person_id", "course", "finished_on"),
                (
                    _PERSON,
                    _C("course", "培训课程", signature=True),
                    _C("days", "培训天数", "integer", unit="天"),
                    _date("finished_on", "结业日期"),
                    _flag("certificate", "是否取证"),
                    _flag("job_within_6m", "六个月内就业"),
                ),
                known="finished_on",
            ),
            Table(
                "disclosure",
                "公示公告",
                ("object_id", "kind", "posted_on"),
                (
                    _C("object_id", "公示对象", aliases=("object",), signature=True),
                    _code("kind", "公示类型", NOTICE, signature=True),
                    _date("posted_on", "公示日期"),
                    _C("days", "公示天数", "integer", unit="天"),
                    _C("place", "公示地点"),
                    _C("objections", "异议数", "integer"),
                ),
                known="posted_on",
            ),
            Table(
                "wall",
                "三上墙检查",
                ("household_id", "item", "checked_on"),
                (
                    _HOUSEHOLD,
                    _C("item", "上墙内容", signature=True),
                    _date("checked_on", "检查日期"),
                    _flag("present", "是否上墙", signature=True),
                ),
                known="checked_on",
            ),
            Table(
                "file_check",
                "档案检查",
                ("household_id", "item"),
                (
                    _HOUSEHOLD,
                    _C("item", "档案内容", signature=True),
                    _flag("complete", "是否完整", signature=True),
                    _flag("consistent", "是否一致"),
                ),
            ),
            Table(
                "roster",
                "户籍参保名册",
                ("roster_id",),
                (
                    _C("roster_id", "名册序号", signature=True),
                    *_PLACE,
                    _C(
                        "family_id",
                        "家庭编号",
                        aliases=("户口编号", "参保家庭编号"),
                        signature=True,
                    ),
                    _C("name", "姓名", private=True),
                    _C(
                        "certno",
                        "证件号码",
                        aliases=("身份证号", "身份证号码"),
                        private=True,
                        signature=True,
                    ),
                    _code("sex", "性别", SEX),
                    _date("birth_date", "出生日期"),
                    _code("relation_to_head", "与户主关系", RELATION),
                    _flag("on_hukou", "户籍在册"),
                    _flag("insured", "参加居民医保"),
                    _date("listed_on", "登记日期"),
                ),
                known="listed_on",
            ),
            Table(
                "petition",
                "信访登记",
                ("petition_id",),
                (
                    _C("petition_id", "信访编号", signature=True),
                    *_PLACE,
                    _date("received_on", "登记日期", signature=True),
                    _date("closed_on", "办结日期"),
                ),
                known="received_on",
            ),
            Table(
                "fund_year",
                "财政扶贫资金年度投入",
                ("area", "year", "level"),
                (
                    _C("area", "地区", signature=True),
                    _C("year", "年度", "integer", ("年份",)),
                    _code("level", "资金级次", LEVEL, signature=True),
                    _money("amount", "金额", unit="万元", signature=True),
                ),
            ),
        )
    }
)
"""All tables by name."""

MISSING_LABELS = (
    "",
    "无",
    "—",
    "-",
    "--",
    "/",
    "\\",
    "空",
    "未知",
    "nan",
    "none",
    "null",
)
"""Cell texts that mean missing in text, label and date columns (dictionary section 18)."""

SUM_ROWS = ("合计", "小计", "总计", "共计")
FOOTERS = (
    "填表人",
    "审核人",
    "填报人",
    "填报单位",
    "制表人",
    "备注",
    "注:",
    "说明",
    "单位负责人",
)
YES = ("是", "y", "yes", "true", "1", "有", "√", "已通", "已解决")
NO = ("否", "n", "no", "false", "0", "×", "未通", "未解决")

DEMO = "演示数据"
"""Words in an export's title row that mark a synthetic registry."""
CAUTION = "供核查参考"
"""Words that stand on every page and sheet: doubts are raised, people decide."""


RULE_FAMILIES = MappingProxyType(
    {
        "person": ("人员", "Persons"),
        "house": ("户与住房", "Households and housing"),
        "income": ("收入", "Incomes"),
        "living": ("生产生活条件", "Living conditions"),
        "village": ("行政村", "Villages"),
        "event": ("动态管理", "Changes"),
        "visit": ("就诊结算", "Settlements"),
        "health": ("健康服务", "Health services"),
        "measure": ("帮扶措施", "Measures"),
        "monitor": ("监测对象", "Monitored households"),
        "fund": ("项目资金", "Projects and funds"),
        "loan": ("小额信贷", "Small loans"),
        "job": ("就业培训", "Work and training"),
        "file": ("档案上墙公示", "Files and postings"),
        "spot": ("抽查", "Spot checks"),
        "walk": ("走访", "Home visits"),
    }
)
"""Family of a rule by the second part of its number, with the name of its sheet."""

ICD_CHAPTERS = MappingProxyType(
    {
        # key: (pattern of the ICD-10 code, Chinese, English); the first that fits
        "infection": ("^[AB]", "传染病和寄生虫病", "infectious diseases"),
        "neoplasm": ("^(C|D[0-4])", "肿瘤", "neoplasms"),
        "blood": ("^D[5-9]", "血液和免疫疾病", "blood and immunity"),
        "endocrine": ("^E", "内分泌和代谢疾病", "endocrine and metabolic"),
        "mental": ("^F", "精神和行为障碍", "mental disorders"),
        "nervous": ("^G", "神经系统疾病", "nervous system"),
        "eye_ear": ("^H", "眼和耳疾病", "eye and ear"),
        "circulation": ("^I", "循环系统疾病", "circulatory system"),
        "respiration": ("^J", "呼吸系统疾病", "respiratory system"),
        "digestion": ("^K", "消化系统疾病", "digestive system"),
        "skin": ("^L", "皮肤疾病", "skin"),
        "bones": ("^M", "肌肉骨骼疾病", "muscles and bones"),
        "urogenital": ("^N", "泌尿生殖系统疾病", "genitourinary system"),
        "birth": (
            "^[OPQ]",
            "妊娠、围产期和先天异常",
            "pregnancy, birth and malformations",
        ),
        "injury": ("^[STVWXY]", "损伤和中毒", "injuries and poisoning"),
        "other": ("^[A-Z]", "其他", "other"),
    }
)
"""Chapters of ICD-10 in which stays are counted: a diagnosis itself is never shown."""

FOUND_TERMS = MappingProxyType(
    {
        "able": ("有劳动能力人数", "able members"),
        "able_of_age": ("16–64岁有劳动能力人数", "able members of 16-64"),
        "age": ("年龄", "age"),
        "age_trained": ("培训时年龄", "age at training"),
        "allocated": ("下达金额", "allocated"),
        "card_grade": ("证号等级位", "grade digit"),
        "card_kind": ("证号类别位", "kind digit"),
        "childs_family": ("子女小家庭人数", "members of a child's family"),
        "days_of_posting": ("公示天数", "days posted"),
        "days_to_record": ("录入用时(天)", "days to record"),
        "dibao_members": ("低保人数", "members on dibao"),
        "disabled": ("残疾", "disabled"),
        "dividend_last_year": ("上年分红", "dividend last year"),
        "dividend_links": ("分红项目数", "projects with dividend"),
        "dropped_out": ("失学人数", "out of school"),
        "earlier_discharge": ("前次出院", "earlier discharge"),
        "elderly": ("60岁以上人数", "members of 60 and more"),
        "first_measure": ("首项措施", "first measure"),
        "funds": ("各基金合计", "sum of funds"),
        "heads": ("户主人数", "heads"),
        "healthy": ("健康", "healthy"),
        "helper_households": ("帮扶户数", "households helped"),
        "household_land": ("各户耕地合计", "land of households"),
        "id_birth": ("证件出生日期", "birth in the number"),
        "id_length": ("证件位数", "length of the number"),
        "id_sex": ("证件性别", "sex in the number"),
        "ill": ("患病", "ill"),
        "ill_without_catastrophic": (
            "患病无大病保险人数",
            "ill without catastrophic cover",
        ),
        "income_last_year": ("上年人均纯收入", "income last year"),
        "longest_work": ("最长务工月数", "longest work"),
        "lots": ("资金批次数", "lots"),
        "members": ("在册成员数", "members on record"),
        "nights": ("住院天数", "nights"),
        "paid": ("已拨付", "paid"),
        "paid_of_fund": ("该指标已拨付", "paid of this fund"),
        "pensioners": ("应领养老金人数", "pensioners"),
        "phone_length": ("电话位数", "length of telephone"),
        "phone_shared": ("同号户数", "households with the number"),
        "population_last_year": ("上年人口", "population last year"),
        "pupils": ("在校人数", "pupils"),
        "running": ("未结清笔数", "running loans"),
        "same_growth": ("同增幅户数", "households of same growth"),
        "same_income_parts": ("收入完全相同户数", "households of same parts"),
        "school_last_year": ("上年在校状况", "school last year"),
        "spouses": ("配偶人数", "spouses"),
        "status_last_year": ("上年脱贫属性", "status last year"),
        "still_poor": ("未脱贫户数", "still poor"),
        "tekun_members": ("特困人数", "members on tekun"),
        "times": ("次数", "times"),
        "times_in_city": ("全市出现次数", "times in the city"),
        "times_in_county": ("本县出现次数", "times in the county"),
        "times_in_household": ("本户出现次数", "times in the household"),
        "ledger": ("台账", "ledger"),
        "recorded": ("收入表", "recorded"),
        "works_away": ("常年在外", "works away"),
        "was_on_record": ("曾在册年度", "once on record"),
        "uninsured": ("未参保人数", "uninsured"),
        "without_labour": ("无劳动力人数", "without labour"),
        "workers": ("务工人数", "workers"),
        "years_above_head": ("比户主年长(岁)", "years above the head"),
    }
)
"""Values that rules derive (registry/frames.py), as a reader is shown them."""

CHECK_HEADINGS = MappingProxyType(
    {
        "rule": ("规则", "Rule"),
        "county": ("县（市、区）", "County"),
        "household_id": ("户编号", "Household number"),
        "case_id": ("对象编号", "Case"),
        "found": ("相互矛盾的值", "Values that clash"),
        "answer": ("答复", "Answer"),
        "note": ("答复说明", "Explanation"),
    }
)
"""Headings of a check workbook by which its answers are read back."""

ANSWERS = MappingProxyType(
    {
        "corrected": ("已更正", "corrected"),
        "explained": ("情况属实", "true as recorded"),
        "open": ("正在核实", "being checked"),
    }
)
"""What an office may answer to a doubt."""


@dataclass(frozen=True, slots=True)
class ForensicTest:
    """One test for invented numbers: name, what holds in honest data, fewest rows, what a unit is."""

    zh: str
    en: str
    null_zh: str
    null_en: str
    fewest: int
    unit: str = "village"


FORENSIC_TESTS = MappingProxyType(
    {
        "copies": ForensicTest(
            "收入各项完全相同",
            "equal income parts",
            "同县各户随机分到各村，同村完全相同的户不多于偶然",
            "households of a county dealt out over its villages share all parts no less often",
            10,
        ),
        "growth": ForensicTest(
            "收入增幅完全相同",
            "equal growth",
            "增幅连续分布，四位小数相同只是偶然",
            "growth is continuous; to four decimals it is equal by chance only",
            10,
        ),
        "digits": ForensicTest(
            "收入末位数字",
            "last digits of yuan",
            "末位数字分布与全市其他村相同",
            "last digits are distributed as in the other villages",
            50,
        ),
        "heaping": ForensicTest(
            "收入为50元整数倍",
            "multiples of 50 yuan",
            "整数倍比例不高于全市其他村",
            "no more multiples than in the other villages",
            30,
        ),
        "exit_jump": ForensicTest(
            "脱贫当年转移、分红突增后回落",
            "aid of the exit year alone",
            "突增后回落的比例不高于全市其他村",
            "no more jumps in the exit year than in the other villages",
            8,
        ),
        "speed": ForensicTest(
            "一天走访户数过多",
            "visits in one day",
            "每天走访户数与全市同样分散",
            "visits per day spread as in the city",
            10,
        ),
        "benford": ForensicTest(
            "金额首位数字",
            "first digits of amounts",
            "首位数字服从本福特律（仅当金额跨三个数量级）",
            "first digits follow Benford's law (amounts over three orders only)",
            300,
            "county",
        ),
        "line": ForensicTest(
            "贫困线处的密度断裂",
            "break of the density at the line",
            "收入密度在贫困线处连续",
            "the density of incomes is continuous at the line",
            50,
            "group",
        ),
    }
)
"""Tests of practice section 7 that have data here; the fewest rows of ``line`` are those on each side."""

ALLOCATION_ASSUMPTIONS = MappingProxyType(
    {
        "all": (
            "受益户的稳定脱贫全部计入，其中一部分没有这笔钱也会脱贫",
            "all lasting exits of the people reached are counted, though some would have come without the money",
        ),
        "additional": (
            "只计比情况相近而未受帮扶的户多出的稳定脱贫",
            "only lasting exits beyond those of alike households without the help are counted",
        ),
        "same_response": (
            "明年的钱仍按过去项目的规律见效",
            "next year's money works as that of past projects did",
        ),
        "not_random": (
            "过去的钱不是随机分配的：只比较了已登记情况相近的项目，未登记的差异可能同时影响资金和脱贫",
            "past money was not given by lot: projects alike in what is recorded were compared, and what is not recorded may have moved both money and exits",
        ),
        "split_as_before": (
            "县内同类项目按过去的比例分配增减",
            "within a county, projects of a category grow and shrink in their past proportions",
        ),
        "diminishing": (
            "钱越多，每万元新增的稳定脱贫人数不增加",
            "more money never brings more lasting exits per yuan",
        ),
        "inside_what_was_seen": (
            "各县各类金额不超出过去同类项目出现过的范围",
            "no amount outside the range of past projects of the category",
        ),
        "held_arms": (
            "项目太少、看不出效果、储备不明或今年已超出以往金额的，保持今年数",
            "arms with too few projects, no effect found, unknown readiness, or more money today than was seen keep today's amount",
        ),
    }
)
"""What every plan of `models.allocation` assumes."""

ALLOCATION_PLANS = MappingProxyType(
    {
        "today": ("今年计划", "today's plan"),
        "expected": ("预期最多", "most expected"),
        "cautious": ("最稳妥", "least regret"),
        "small step": ("小幅调整", "small step"),
    }
)
ALLOCATION_DIRECTIONS = MappingProxyType(
    {
        "more": ("增", "more"),
        "less": ("减", "less"),
        "undecided": ("看不准", "undecided"),
        "held": ("保持今年数", "held"),
    }
)
ALLOCATION_CONSTRAINTS = MappingProxyType(
    {
        "total": ("资金总额", "total"),
        "floor": ("县级下限", "county floor"),
        "growth": ("增幅不低于省", "growth not below the province's"),
        "ceiling": ("类别上限", "category ceiling"),
        "ready": ("项目储备", "ready projects"),
        "seen most": ("以往最大金额", "largest amount seen"),
        "seen least": ("以往最小金额", "smallest amount seen"),
        "held": ("保持今年数", "held at today's"),
    }
)
ALLOCATION_REASONS = MappingProxyType(
    {
        "few projects": ("可用项目太少", "too few projects"),
        "no lasting exits": ("没有稳定脱贫记录", "no lasting exits on record"),
        "one amount": ("各项目金额几乎相同", "all projects have nearly one amount"),
        "no overlap": ("各县金额没有重叠", "counties share no amounts"),
        "no free arm": ("各项都不能比较", "no arm can be compared"),
        "money in two units": (
            "金额似乎混用元和万元",
            "money seems to be in two units",
        ),
        "collinear controls": (
            "控制条件彼此决定，分不开",
            "controls cannot be told apart",
        ),
        "no effect of money": (
            "看不出多花钱就多见效",
            "more money cannot be told to do more",
        ),
        "no money": (
            "今年计划没有下达资金",
            "nothing is allocated in this year's plan",
        ),
        "too few projects": ("项目太少", "too few projects"),
        "no effect found": (
            "看不出比相近户多脱贫",
            "no more exits than alike households",
        ),
        "readiness unknown": ("储备不明", "readiness unknown"),
        "more than was seen": ("超出以往金额", "more than was seen"),
        "free": ("可调整", "free"),
        "estimated": ("已估计", "estimated"),
    }
)
"""Names of plans, directions, constraints and reasons of `models.allocation` and `models.money_response`."""

FRONTIER_STATUSES = MappingProxyType(
    {
        "estimated": ("已估计", "estimated"),
        "no inefficiency found": ("未发现效率差异", "no inefficiency found"),
        "mu not identified": (
            "无效率的均值无法识别，改用指数分布",
            "mean of inefficiency not identified, exponential used",
        ),
        "no noise found": (
            "分不出偶然因素，误差无意义",
            "no noise found, errors mean nothing",
        ),
        "not converged": ("估计未收敛", "not converged"),
        "too few rows": ("单元太少", "too few units"),
        "collinear": ("投入彼此决定，分不开", "inputs determine one another"),
        "money in two units": (
            "金额似乎混用元和万元",
            "money seems to be in two units",
        ),
        "missing value": ("缺数据", "missing value"),
        "not positive": ("有零或负值，不能取对数", "zero or negative: no logarithm"),
    }
)
"""Answers of `models.sfa`, of a fit and of its rows."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a chapter: its words, the tables without which it has no answer, and what shows the answer (tables, figures and facts of a chapter, and tabs of its lists)."""

    zh: str
    en: str
    needs: tuple[str, ...]
    shown: tuple[str, ...] = ()


_MONEY, _EXITS = (
    ("project", "fund", "payment"),
    ("project", "payment", "household", "event"),
)
_ALIKE = (*_EXITS, "member", "living", "income")
FUNDING_QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "payment": Question(
            "资金到没到、付了多少、结转多久",
            "whether the money is there and paid, and what is carried over",
            _MONEY,
            (
                "payment_rates",
                "carried_over",
                "payment_progress",
                "payment",
                "county:funding_efficiency",
                "early",
            ),
        ),
        "trace": Question(
            "每一元走到哪里",
            "where each yuan went",
            (*_MONEY, "project_household", "measure", "housing", "household", "event"),
            ("fund_trace", "broken"),
        ),
        "progress": Question(
            "项目开工、完工、验收到哪一步",
            "how far the projects have come",
            ("project",),
            ("project_progress", "late"),
        ),
        "acceptance": Question(
            "付款与验收是否相符", "whether payment and acceptance agree", _MONEY
        ),
        "growth": Question(
            "财政投入增幅是否不低于省",
            "whether budgets grow no less than the province's",
            ("fund_year",),
            ("growth",),
        ),
        "integration": Question(
            "涉农资金整合了多少",
            "how much agricultural money is integrated",
            ("project", "fund"),
            ("integration",),
        ),
        "readiness": Question(
            "明年的项目备得够不够",
            "whether next year's projects are ready",
            ("project", "project_household"),
            ("readiness", "pool"),
        ),
        "credit": Question(
            "小额信贷放了多少、有没有风险",
            "what small loans are out and at risk",
            ("loan",),
            ("microcredit", "microcredit_banks", "loans"),
        ),
        "reach": Question(
            "小额信贷的户贷率",
            "which share of eligible households has a loan",
            ("loan", "household", "member"),
        ),
        "cost": Question(
            "稳定脱贫一个人要花多少",
            "what a lasting exit costs",
            _EXITS,
            ("cost_per_exit",),
        ),
        "cost by type": Question(
            "各类项目每稳定脱贫一人花多少",
            "what a lasting exit costs by project type",
            (*_EXITS, "project_household"),
            ("cost_by_type",),
        ),
        "alike": Question(
            "与条件相近的户比，各县各乡镇贵还是便宜",
            "which places are dear beside alike households",
            _ALIKE,
            ("cost_alike", "cost_towns", "balance"),
        ),
        "kinds": Question(
            "哪类项目多带来稳定脱贫",
            "which kinds of project bring more lasting exits",
            (*_ALIKE, "project_household"),
            ("cost_kinds_alike", "cost_kinds_extra"),
        ),
        "gain": Question(
            "每投入一元增收多少",
            "what income a yuan of help brings",
            (*_ALIKE, "project_household"),
            ("income_gain", "income_per_yuan"),
        ),
        "frontier": Question(
            "谁在前沿上、可以向谁学",
            "who is on the frontier and what the others could copy",
            (*_EXITS, "village"),
            (
                "dea_townships",
                "dea_peers",
                "dea_sensitivity",
                "frontier_checks",
                "dea_circumstances",
                "sfa_terms",
                "sfa_townships",
            ),
        ),
        "plan": Question(
            "同样的钱还有哪些花法",
            "which plans would do more with the same money",
            (*_ALIKE, "fund", "project_household"),
            (
                "plan_compare",
                "plan_counties",
                "plan_arms",
                "plan_prices",
                "plan_today",
                "plan_clash",
                "plan_response",
            ),
        ),
    }
)
"""Questions of the funding chapter in its order, and what each cannot do without."""

_BILLS, _BURDEN = ("visit", "member"), ("household", "member", "income", "visit")
ILLNESS_QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "returns": Question(
            "返贫中因病的有多少",
            "how many returns are by illness",
            ("event",),
            ("illness_trend", "illness_counties", "ill_returns_trend"),
        ),
        "model": Question(
            "没有疾病时会少返贫多少",
            "how many returns there would be without illness",
            ("event", *_BURDEN),
            ("illness_attribution",),
        ),
        "stock": Question(
            "未脱贫户中有病人的有多少",
            "how many poor households have an ill member",
            ("household", "member"),
            ("illness_stock",),
        ),
        "burden": Question(
            "多少户医疗自付过重、因自付跌破贫困线",
            "how many households pay too much, or are pushed under the line",
            _BURDEN,
            ("catastrophic", "impoverishing", "chronic_burden", "burden_change"),
        ),
        "depth": Question(
            "贫困有多深",
            "how deep poverty is",
            ("household", "income"),
            ("poverty_indices", "poverty_change"),
        ),
        "guarantees": Question(
            "两不愁三保障还缺什么",
            "which of the two worries and three guarantees lack",
            ("household", "member", "living", "income"),
            ("five_guarantees", "five_guarantees_counties"),
        ),
        "bills": Question(
            "住院费用由谁支付、县内住院多少、收治多少人",
            "who pays for stays, where they are and how many persons were treated",
            _BILLS,
            (
                "bills_checked",
                "payer_ladder",
                "payer_gaps",
                "reimbursement",
                "in_county",
                "persons_treated",
            ),
        ),
        "zero burden": Question(
            "住院是否做到零负担",
            "whether stays cost the patient nothing",
            _BILLS,
            ("zero_burden", "county:illness_poverty"),
        ),
        "policy": Question(
            "住院和自付的走势、零负担政策是否起作用",
            "how stays and own payments move, and whether the zero burden works",
            _BILLS,
            (
                "stays_trend",
                "payments_trend",
                "policy_effect",
                "policy_interrupted",
                "policy_event_study",
            ),
        ),
        "tail": Question(
            "脱贫后两年政策是否延续",
            "whether the policy lasts two years after the exit",
            (*_BILLS, "household"),
            ("policy_tail",),
        ),
        "services": Question(
            "患病人口的三个一批、六个一落实多少",
            "which services the ill have",
            ("health_service", "member"),
            ("six_ones",),
        ),
        "screening": Question(
            "筛查和就诊了多少人",
            "how many were screened and treated",
            ("health_service", "member", "visit"),
            ("screening",),
        ),
        "clinics": Question(
            "村卫生室和村医有多少",
            "which villages have a clinic with a doctor",
            ("village",),
            ("clinics",),
        ),
    }
)
"""Questions of the illness chapter in its order, and what each cannot do without."""
