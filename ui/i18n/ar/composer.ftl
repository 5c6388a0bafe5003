# كتابة منشور، ومن يستطيع قراءته. ترجمة آلية لم تُراجَع بعد.

composer-label = كتابة منشور
composer-placeholder = ماذا تود أن تشارك؟
composer-empty = اكتب شيئًا أو أضف صورة أولًا.
composer-too-long = النص طويل جدًا.
composer-warning = تحذير من المحتوى
composer-warning-short = تحذير
composer-warning-placeholder = عمّ يدور؟
composer-warning-too-long = تحذير المحتوى طويل جدًا.
composer-attach = إضافة صور
composer-attach-short = صورة
composer-attach-files = إضافة صور أو ملفات
composer-attach-files-short = ملف
composer-files-public = لا يُنشر للجميع إلا الصور. أخرج الملفات الأخرى، أو اختر دوائر أو مجموعات.
composer-alt = وصف الصورة
composer-alt-placeholder = صِفها لمن لا يستطيع رؤيتها
composer-alt-too-long = أحد الأوصاف طويل جدًا.
composer-describe = { $count ->
    [zero] لكل الصور وصف.
    [one] صورة واحدة بلا وصف بعد. سيشكرك على وصفها من لا يستطيع رؤيتها.
    [two] صورتان بلا وصف بعد. سيشكرك على وصفهما من لا يستطيع رؤيتهما.
    [few] { $count } صور بلا وصف بعد. سيشكرك على وصفها من لا يستطيع رؤيتها.
    [many] { $count } صورة بلا وصف بعد. سيشكرك على وصفها من لا يستطيع رؤيتها.
   *[other] { $count } صورة بلا وصف بعد. سيشكرك على وصفها من لا يستطيع رؤيتها.
}
composer-preparing = { $count ->
    [zero] لا صور قيد التجهيز
    [one] يجري تجهيز صورة…
    [two] يجري تجهيز صورتين…
    [few] يجري تجهيز { $count } صور…
    [many] يجري تجهيز { $count } صورة…
   *[other] يجري تجهيز { $count } صورة…
}
composer-too-many = أقصى عدد من الصور في المنشور { $limit }.
composer-remove-picture = إزالة الصورة
composer-count = { $length } من { $limit } حرف
composer-send = نشر
composer-sending = جارٍ النشر…
composer-send-public = نشر للعموم
composer-send-to = نشر إلى { $who }، { $people }
composer-sent-to = نُشر إلى { $who }.
composer-send-title = نشر (Ctrl+Enter)
audience-title = من يستطيع قراءته؟
audience-none = اختر من يستطيع قراءته
audience-public = عام
audience-public-told = يستطيع أي شخص قراءته والاحتفاظ به وتمريره.
audience-public-more = ما هو عام لا يمكن استرداده من كل من لديه.
audience-circles = { $count } من الدوائر والمجموعات
audience-people = { $count ->
    [0] لا أحد
    [one] شخص واحد
    [two] شخصان
    [few] { $count } أشخاص
    [many] { $count } شخصًا
   *[other] { $count } شخص
}
audience-search = ابحث عن دائرة أو مجموعة
audience-choose = اختر الجميع، أو واحدة أو أكثر من دوائرك ومجموعاتك. تُسأل مرة واحدة فقط: المنشور التالي يذهب إلى حيث ذهب الأخير حتى تختار غير ذلك.
audience-nobody = لا أحد فيها بعد: أنت وحدك تستطيع قراءة هذا، ومن ينضم لاحقًا لا يستطيع.
audience-circle-more = { $count ->
    [zero] لا أحد يستطيع قراءته. وهو مختوم:
    [one] يستطيع قراءته شخص واحد. وهو مختوم له:
    [two] يستطيع قراءته شخصان. وهو مختوم لهما:
    [few] يستطيع قراءته { $count } أشخاص. وهو مختوم لهم:
    [many] يستطيع قراءته { $count } شخصًا. وهو مختوم لهم:
   *[other] يستطيع قراءته { $count } شخص. وهو مختوم لهم:
} من يحمل منشوراتك يرى أنك نشرت إلى دائرة ما وفي أي يوم، لا ماذا ولا لمن.
audience-wider = { $pictures ->
    [0] أوسع من قبل: سيستطيع أي شخص قراءة هذا النص.
    [one] أوسع من قبل: سيستطيع أي شخص قراءة هذا النص ورؤية الصورة.
    [two] أوسع من قبل: سيستطيع أي شخص قراءة هذا النص ورؤية الصورتين.
    [few] أوسع من قبل: سيستطيع أي شخص قراءة هذا النص ورؤية الصور الـ { $pictures }.
    [many] أوسع من قبل: سيستطيع أي شخص قراءة هذا النص ورؤية الصور الـ { $pictures }.
   *[other] أوسع من قبل: سيستطيع أي شخص قراءة هذا النص ورؤية الصور الـ { $pictures }.
}
audience-done = تم
audience-edit = تعديل الدوائر والمجموعات
sealed-to = إلى { $circle }
sealed-somebody = دائرة أو مجموعة
sealed-told = مختوم لدائرة من دوائر كاتبه، أو لمجموعة، أنت فيها. لا يمكن تمريره ولا إعادة نشره. ولا تُخبَر بمن في الدائرة غيرك.
sealed-own-told = مختوم لمن كانوا فيها حين نشرت. لا يمكن تمريره ولا إعادة نشره. من يحمل منشوراتك يرى أنك نشرت إلى دائرة ما، لا ماذا ولا لمن.
composer-sent = نُشر.
composer-kept = نصك ما زال هنا.
