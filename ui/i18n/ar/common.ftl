# ما يظهر في كل مكان: الأماكن والأوقات والمفاتيح والبداية. ترجمة آلية لم تُراجَع بعد.

back = رجوع
cancel = إلغاء
close = إغلاق
save = حفظ
loading = لحظة من فضلك…

nav-label = الأقسام الرئيسية
nav-home = الرئيسية
nav-people = الأشخاص
nav-messages = الرسائل
nav-search = بحث
nav-profile = أنت
nav-settings = الإعدادات
detail-label = التفاصيل
detail-empty = اختر منشورًا أو شخصًا لتراه هنا.

time-now = الآن
time-minutes = { $count } د
time-hours = { $count } س
time-days = { $count } ي
time-today = اليوم
time-yesterday = أمس

welcome-title = مرحبًا بك في Kith
welcome-lead = مكان لك ولأناسك، محفوظ على أجهزتكم أنتم.
welcome-name = بماذا تحب أن يناديك الناس؟
welcome-go = ابدأ
welcome-busy = لحظة من فضلك…
welcome-keys = مفاتيحك محفوظة في سلسلة مفاتيح هذا الجهاز.
name-too-long = أقصى طول للاسم { $limit } حرفًا.

keys-title = المفاتيح
keys-next = المنشور التالي
keys-previous = المنشور السابق
keys-open = عرض الصور، أو فتح المنشور
keys-answer = الرد على المنشور
keys-like = الإعجاب بالمنشور أو التراجع عنه
keys-reveal = إظهار ما يغطيه التحذير أو إخفاؤه
keys-repost = إعادة نشر المنشور أو التراجع عنها
keys-bookmark = وضع إشارة مرجعية أو إزالتها
keys-write = كتابة منشور
keys-message-to = مراسلة الشخص الذي ملفه مفتوح
keys-newest = عرض أحدث المنشورات
keys-search = بحث
keys-home = إلى الرئيسية
keys-messages = إلى رسائلك
keys-people = إلى الأشخاص
keys-profile = إلى ملفك الشخصي
keys-settings = إلى الإعدادات
keys-sheet = عرض كل المفاتيح
keys-send = إرسال ما تكتبه
keys-back = إغلاق المفتوح أو الرجوع
keys-off-hint = يمكن إيقاف المفاتيح المفردة من الإعدادات.

app-opening = جارٍ الفتح…
app-copying = يجري تحديث ملفك: نسخه، { $percent } %
app-changing = يجري تحديث ملفك. لا توقف تشغيل الجهاز.
app-cannot-open = تعذّر على Kith فتح ملفك
app-try-again = حاول مرة أخرى
app-bad-choice = في KITH_KEYSTORE قيمة لا يعرفها Kith.
app-bad-choice-hint = احذفها أو اجعلها file أو os.
app-new-passphrase = اختر عبارة مرور
app-new-passphrase-why = ستُحفظ مفاتيحك في ملف لا تفتحه إلا عبارة المرور هذه. ولا يستطيع أحد إعادة تعيينها.
app-passphrase = عبارة مرورك
app-passphrase-why = مفاتيحك محفوظة في ملف مختوم، وعبارة المرور تفتحه.
app-passphrase-wrong = عبارة المرور هذه لا تفتح الملف.
app-passphrase-go = فتح
