# الأشخاص: الملفات والدعوات والمتابعة والمفاتيح المقارَنة. ترجمة آلية لم تُراجَع بعد.

person-title = الملف الشخصي
person-unnamed = الاسم في الطريق
person-posts = { $count ->
    [zero] لا منشورات
    [one] منشور واحد
    [two] منشوران
    [few] { $count } منشورات
    [many] { $count } منشورًا
   *[other] { $count } منشور
}
person-posts-label = المنشورات
person-as-of = محدَّث حتى قبل { $age }
person-as-of-now = محدَّث
person-as-of-just-now = محدَّث حتى هذه اللحظة
person-as-of-date = محدَّث حتى { $date }
person-some-posts = { $count ->
    [zero] لم يصل أي منشور إلى هذا الجهاز، وقد يكون هناك غيرها
    [one] وصل منشور واحد إلى هذا الجهاز، وقد يكون هناك غيره
    [two] وصل منشوران إلى هذا الجهاز، وقد يكون هناك غيرهما
    [few] وصلت { $count } منشورات إلى هذا الجهاز، وقد يكون هناك غيرها
    [many] وصل { $count } منشورًا إلى هذا الجهاز، وقد يكون هناك غيرها
   *[other] وصل { $count } منشور إلى هذا الجهاز، وقد يكون هناك غيرها
}
person-waiting = بانتظار جهازهم
follow-left = غادر وحذف ما قاله
person-waiting-more = تظهر منشوراتهم هنا حالما يتصل أحد أجهزتهم أو من يحمل منشوراتهم.
person-no-posts = لا منشورات بعد.
person-edit = تعديل الملف الشخصي
person-lists = في قوائمك
person-circles = في دوائرك
person-message = رسالة
person-blocked = حظرتهم: لا يُعرض شيء منهم.
follow = متابعة
unfollow = إلغاء المتابعة
profile-name = الاسم
profile-bio = نبذة عنك
profile-picture = صورة الملف الشخصي
profile-picture-choose = اختيار صورة
profile-picture-remove = إزالة
profile-listed = يمكن العثور علي بالاسم
profile-listed-told = إن فُعّل هذا استطاع أي شخص يبحث عن اسمك أن يجدك. وإن أُوقف تابعك الناس بدعوتك أو عبر ما تكتبه.
profile-public = يراه كل من يتابعك.

people-title = الأشخاص
follow-title = متابعة شخص
follow-how = ألصق الرابط الذي أُرسل إليك، أو معرّف الملف الشخصي.
follow-placeholder = رابط دعوة أو معرّف
follow-done = أنت تتابع { $name } الآن.
follows-title = تتابع
follows-empty = لا أحد بعد.
invite-title = دعوة شخص
invite-how = من يفتح هذا الرابط بـ Kith يستطيع متابعتك.
invite-link = رابط دعوتك
invite-copy = نسخ الرابط
invite-copied = نُسخ الرابط.
invite-code = رابط دعوتك رمزًا
invite-show-code = عرضه رمزًا
invite-hide-code = إخفاء الرمز
invite-tells = يدل الرابط على مكان الوصول إلى جهازك. أرسله إلى من تأتمنهم على ذلك.

verified = موثَّق
verified-changed = تغيّر المفتاح
verified-title = لدى كل من { $mine } و{ $name } مفتاح الآخر
verified-told = لا أحد بينكما. إن تغيّر مفتاح هذا الشخص يومًا سُئلت قبل إرسال أي شيء. ولا يغيّر جهاز آخر له شيئًا.
verified-by-words = قورن بالكلمات، { $when }
verified-by-code = قورن بالرمز، { $when }
verify = توثيق
verify-show = عرض المقارنة
verify-again = المقارنة مجددًا
verify-title = توثيق
verify-how = تأكد من أنك تكتب إلى { $name } ولا أحد بينكما. قارنا وجهًا لوجه أو في مكالمة، بوسيلة غير Kith.
verify-words = مقارنة الكلمات
verify-words-told = اطلب من { $name } قراءة كلماته بصوت مسموع، ثم اقرأ كلماتك. يجب أن تتطابق المجموعتان على الشاشتين.
verify-their-words = كلمات { $name }
verify-own-words = كلماتك
verify-not-recovery = ليست سرًا، وليست كلمات استردادك: تلك لا تقرأها لأحد أبدًا.
verify-same = متطابقة
verify-differ = مختلفة
verify-differ-told = إذن قد لا يكون هذا مفتاح { $name }. تأكد من أنكما تنظران إلى الشخص نفسه وأن كليكما يقرأ قراءة صحيحة. فإن بقيت مختلفة فلا ترسل هنا ما لا يجوز لغيركما قراءته.
verify-code = المقارنة بالرمز
verify-code-told = جنبًا إلى جنب: ينسخ { $name } هذا الرمز أو يمسحه، وتلصق أنت رمزه.
verify-copy = نسخ الرمز
verify-copied = نُسخ.
verify-paste = رمز { $name }
verify-check = تحقق
verify-undo = نسيان المقارنة
verify-changed = تغيّر مفتاح { $name } منذ أن قارنته.
verify-changed-told = ربما استرد حسابه، أو ربما يجيب شخص آخر مكانه. ما تكتبه ينتظر حتى تقارن مجددًا، أو تقول إنك ترسل رغم ذلك.
verify-accept = إرسال رغم ذلك
